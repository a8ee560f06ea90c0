package mongo_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// fakeServer answers with the given responses by name of the command, to show
// the engine what MongoDB says in situations that no test can bring about, in
// its words. It names itself a standalone server, so the driver retries nothing.
// It returns the URI.
func fakeServer(t *testing.T, responses map[string]bson.D) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	hello := bson.D{
		{Key: "ismaster", Value: true}, {Key: "maxBsonObjectSize", Value: 16 << 20}, {Key: "maxMessageSizeBytes", Value: 48_000_000},
		{Key: "maxWriteBatchSize", Value: 100_000}, {Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 25}, {Key: "ok", Value: 1},
	}
	respond := func(command string) bson.D {
		switch response := responses[command]; {
		case command == "hello" || command == "isMaster" || command == "ismaster":
			return hello
		case response != nil:
			return response
		}
		return bson.D{{Key: "ok", Value: 1}}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answer(conn, respond)
		}
	}()
	return "mongodb://" + listener.Addr().String() + "/fake"
}

const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013
)

// answer speaks as much of the wire protocol as a driver needs: OP_MSG, and for
// the first greeting OP_QUERY.
func answer(conn net.Conn, respond func(command string) bson.D) {
	defer conn.Close()
	for {
		header := make([]byte, 16)
		if _, err := io.ReadFull(conn, header); err != nil {
			return
		}
		body := make([]byte, binary.LittleEndian.Uint32(header)-16)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		var code uint32
		var document, prefix []byte
		switch binary.LittleEndian.Uint32(header[12:]) {
		case opQuery: // flags, "db.$cmd\0", skip, limit
			_, rest, _ := bytes.Cut(body[4:], []byte{0})
			// flags, cursor, start, number of documents
			code, document, prefix = opReply, rest[8:], append(make([]byte, 16), 1, 0, 0, 0)
		case opMsg: // flags, kind
			code, document, prefix = opMsg, body[5:], make([]byte, 5)
		}
		name, _, _ := bytes.Cut(document[5:], []byte{0})
		response, err := bson.Marshal(respond(string(name)))
		if err != nil {
			return
		}
		message := binary.LittleEndian.AppendUint32(nil, uint32(16+len(prefix)+len(response)))
		message = binary.LittleEndian.AppendUint32(message, 0)
		message = append(message, header[4:8]...)
		message = binary.LittleEndian.AppendUint32(message, code)
		if _, err := conn.Write(append(append(message, prefix...), response...)); err != nil {
			return
		}
	}
}
