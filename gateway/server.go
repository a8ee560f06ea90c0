package gateway

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer returns the server with its time limits. A room that streams or
// takes a long body moves its deadlines by http.ResponseController, whose
// SetWriteDeadline and SetReadDeadline count from where they are called; a
// stream that goes on sets the former before every write.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		// header and body: as long as the whole request may take
		ReadTimeout: defaultTime,
		// from the end of the header: the request's time and that of a slow reader
		WriteTimeout: 3 * defaultTime,
		IdleTimeout:  2 * time.Minute,
		// the longest token that is looked at has 16 KiB
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
