package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// A message of the wire protocol: length, request id, response to, operation
// code (four little-endian int32), then the body. Of an OP_MSG the body is a
// word of flags and sections; the section of kind 0 is the command, whose first
// field is its name.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
type message []byte

const (
	headerSize = 16
	// The protocol's limit of 48 MB and room for the framing.
	maxMessage = 48_000_000 + 16*1024

	opMsg      = 2013
	moreToCome = 1 << 1
)

// writers are the commands that change documents or indexes.
var writers = map[string]bool{
	"insert": true, "update": true, "delete": true, "findAndModify": true, "findandmodify": true,
	"createIndexes": true, "dropIndexes": true, "create": true, "drop": true, "dropDatabase": true,
}

func readMessage(r io.Reader) (message, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(length[:])
	if n < headerSize || n > maxMessage {
		return nil, fmt.Errorf("message of %d bytes", n)
	}
	m := make(message, n)
	copy(m, length[:])
	_, err := io.ReadFull(r, m[len(length):])
	return m, err
}

func (m message) isOpMsg() bool {
	return len(m) >= headerSize+4 && binary.LittleEndian.Uint32(m[12:]) == opMsg
}

// unanswered reports whether the sender asked for no response.
func (m message) unanswered() bool {
	return m.isOpMsg() && binary.LittleEndian.Uint32(m[headerSize:])&moreToCome != 0
}

func (m message) writes() bool {
	return m.isOpMsg() && writers[m.command()]
}

// command returns the name of the command, empty if the message is malformed;
// FerretDB then says so.
func (m message) command() string {
	sections := m[headerSize+4:]
	for len(sections) >= 5 {
		kind, size := sections[0], int(binary.LittleEndian.Uint32(sections[1:]))
		if size < 4 || size > len(sections)-1 {
			return ""
		}
		if kind == 0 {
			// The document's length, the type of its first field, its name.
			if size < 6 {
				return ""
			}
			name, _, _ := bytes.Cut(sections[6:1+size], []byte{0})
			return string(name)
		}
		sections = sections[1+size:]
	}
	return ""
}
