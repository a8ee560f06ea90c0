package hook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// sourceHash tells one state of a source from another. What is zero does not
// count, so that a field that a later version of the gateway adds leaves the
// hashes of earlier imports as they are.
func sourceHash(parts ...any) (string, error) {
	text, err := json.Marshal(parts)
	if err != nil {
		// An instant that no API can write.
		return "", Invalidf("", "the record holds an instant beyond the year 9999")
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // ids have 64 bits
	if err := decoder.Decode(&tree); err != nil {
		return "", err
	}
	if text, err = json.Marshal(withoutZeros(tree)); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// noInstant is the zero time in JSON.
const noInstant = "0001-01-01T00:00:00Z"

// withoutZeros leaves out the members of objects that have the zero value.
// Secrets, of which records have none, print as a mask.
func withoutZeros(tree any) any {
	switch node := tree.(type) {
	case []any:
		for i := range node {
			node[i] = withoutZeros(node[i])
		}
		if len(node) == 0 {
			return nil
		}
	case map[string]any:
		for name, value := range node {
			switch value = withoutZeros(value); value {
			case nil, false, "", json.Number("0"), noInstant, secretMask:
				delete(node, name)
			default:
				node[name] = value
			}
		}
		if len(node) == 0 {
			return nil
		}
	}
	return tree
}
