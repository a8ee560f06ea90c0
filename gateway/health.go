package gateway

import (
	"context"
	"net/http"
	"time"
)

// readyTime is how long the database may take to answer: less than the second
// or two that probes usually wait.
const readyTime = time.Second

type state struct {
	Status string `json:"status"`
}

// alive answers as long as the process does.
func (g *Gateway) alive(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, "application/json", http.StatusOK, state{"ok"})
	return nil
}

// ready answers 503 while the database does not answer.
func (g *Gateway) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if err := g.service.Ready(ctx); err != nil {
		return err
	}
	writeJSON(w, "application/json", http.StatusOK, state{"ready"})
	return nil
}
