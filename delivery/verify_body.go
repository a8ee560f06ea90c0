package delivery

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// A presentation is a sum that a header may stand for.
type presentation struct {
	sum []byte
	// wrong tells how it is written if that is not the dialect's way.
	wrong string
}

// presentations returns what a text may stand for, in hex and in base64; nothing
// if it is no HMAC-SHA256.
func presentations(text string, want PageSeederEncoding) (list []presentation) {
	add := func(sum []byte, err error, encoding PageSeederEncoding, wrong string) {
		if err == nil && len(sum) == 32 {
			if encoding == want && wrong == "" {
				list = append(list, presentation{sum: sum})
			} else {
				list = append(list, presentation{sum, strings.TrimSpace(wrong + " " + string(encoding))})
			}
		}
	}
	sum, err := hex.DecodeString(text)
	upper := ""
	if text != strings.ToLower(text) {
		upper = "upper-case"
	}
	add(sum, err, PageSeederHex, upper)
	sum, err = base64.StdEncoding.DecodeString(text)
	add(sum, err, PageSeederBase64, "")
	if err != nil {
		sum, err = base64.RawStdEncoding.DecodeString(text)
		add(sum, err, PageSeederBase64, "unpadded")
	}
	if strings.ContainsAny(text, "-_") {
		sum, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		add(sum, err, PageSeederBase64, "URL-safe")
	}
	return list
}

// A variant is a body that may have been signed in the place of the received
// one.
type variant struct {
	body    []byte
	reason  Reason
	message string
}

const reserialised = "the signature is that of the same JSON written in another way: the receiver seems to have parsed the body and written it anew. Verify the raw bytes, before anything parses them"

// variants are the bodies that a receiver may have made this one of. Only those
// that differ are in the list.
func (r *Received) variants() (list []variant) {
	add := func(body []byte, reason Reason, message string) {
		if body != nil && !bytes.Equal(body, r.Body) {
			list = append(list, variant{body, reason, message})
		}
	}
	const space = "the signature is that of the body without "
	add(bytes.TrimRight(r.Body, "\r\n"), ReasonWhitespace, space+"the line break at its end, which something has added")
	add(bytes.TrimSpace(r.Body), ReasonWhitespace, space+"the white space around it, which something has added")
	add(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")), ReasonWhitespace, space+"the byte order mark before it, which something has added")
	add(bytes.ReplaceAll(r.Body, []byte("\r\n"), []byte("\n")), ReasonWhitespace, "the signature is that of the body with other line breaks, which something has converted")
	if len(r.Body) > 0 {
		add(append(bytes.Clone(r.Body), '\n'), ReasonWhitespace, "the signature is that of the body with a line break at its end, which something has cut off")
	}
	if compact := compacted(r.Body); compact != nil {
		add(compact, ReasonReserialized, reserialised)
		add(unescaped(compact), ReasonReserialized, reserialised)
	}
	if r.Sent != nil {
		add(r.Sent, ReasonOtherBody, differs(r.Sent, r.Body))
	}
	return list
}

// differs says where two bodies part.
func differs(sent, received []byte) string {
	n := 0
	for n < min(len(sent), len(received)) && sent[n] == received[n] {
		n++
	}
	message := "the signature is that of the body that was sent, of which this one is another: only the first " + itoa(n) + " bytes are the same"
	if len(sent) != len(received) {
		message += ", and " + itoa(len(sent)) + " bytes were sent, not " + itoa(len(received))
	}
	return message
}

// compacted returns JSON without white space, nil if it is none.
func compacted(body []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, body) != nil {
		return nil
	}
	return b.Bytes()
}

// unescaped returns compact JSON whose texts have no escapes but those that they
// need, as the gateway and most others write it.
func unescaped(compact []byte) []byte {
	var out bytes.Buffer
	for i := 0; i < len(compact); {
		if compact[i] != '"' {
			out.WriteByte(compact[i])
			i++
			continue
		}
		end := i + 1
		for compact[end] != '"' {
			if compact[end] == '\\' {
				end++
			}
			end++
		}
		end++
		var text string
		if json.Unmarshal(compact[i:end], &text) != nil {
			return nil
		}
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if encoder.Encode(text) != nil {
			return nil
		}
		out.Truncate(out.Len() - len("\n"))
		i = end
	}
	return out.Bytes()
}
