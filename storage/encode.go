package storage

import (
	"bytes"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// An encoder writes documents without null: a nil slice that is not left out
// is an empty array, which an array index can hold.
type encoder struct {
	*bson.Encoder
	doc bson.Raw // the last document
}

// Write takes a document from the encoder, which passes it on as a whole.
func (e *encoder) Write(doc []byte) (int, error) {
	e.doc = bytes.Clone(doc)
	return len(doc), nil
}

var encoders = sync.Pool{New: func() any {
	e := &encoder{}
	e.Encoder = bson.NewEncoder(bson.NewDocumentWriter(e))
	e.NilSliceAsEmpty()
	e.NilByteSliceAsEmpty()
	return e
}}

// encode returns the document of an entity. Nobody else holds its bytes.
func encode(entity any) (bson.Raw, error) {
	e := encoders.Get().(*encoder)
	if err := e.Encode(entity); err != nil {
		return nil, err // and the encoder, which stopped halfway, is not used again
	}
	doc := e.doc
	e.doc = nil
	encoders.Put(e)
	return doc, nil
}
