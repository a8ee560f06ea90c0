package gateway

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// takeEvents answers POST /events: one event or an array of events, in the
// gateway's own form or as CloudEvents. It answers 202 when all of them are
// stored with their triggers.
func (g *Gateway) takeEvents(w http.ResponseWriter, r *http.Request) error {
	viewer, err := g.authenticator.Viewer(r)
	if err != nil {
		return err
	}
	if err := mayPublish(viewer); err != nil {
		return err
	}
	form, err := eventFormOf(r.Header)
	if err != nil {
		return err
	}
	body, release, err := g.readEvents(r)
	defer release()
	if err != nil {
		return err
	}
	in, err := readSubmission(body, form)
	if err != nil {
		return err
	}
	if len(in.publications) == 0 && form == cloudEventBatch {
		return answerEvents(w, nil, true)
	}
	published, err := g.service.PublishEvents(hook.WithViewer(r.Context(), viewer), in.publications)
	if err != nil {
		return in.named(err)
	}
	return answerEvents(w, published, in.list)
}

// mayPublish refuses before the body is read those whom publishing would refuse
// whatever the events are.
func mayPublish(viewer *hook.Viewer) error {
	switch {
	case viewer == nil:
		return &hook.Error{Code: hook.Unauthenticated, Message: "a credential is needed"}
	case !viewer.May(hook.Events, hook.Publish) && !viewer.May(hook.Albums, hook.All):
		missing := hook.Permission(hook.Events + ":" + hook.Publish)
		return &hook.Error{Code: hook.Forbidden, Missing: missing, Message: string(missing) + " required"}
	}
	return nil
}

// eventFormOf reads the media type of a request with events.
func eventFormOf(header http.Header) (eventForm, error) {
	media := header.Get("Content-Type")
	form := anyEvents
	switch name, _, _ := mime.ParseMediaType(media); {
	case !isJSON(media):
		return 0, &hook.Error{Code: codeMedia, Message: "the body must be application/json, application/cloudevents+json or application/cloudevents-batch+json, in UTF-8"}
	case name == "application/json":
	case name == "application/cloudevents+json":
		form = oneCloudEvent
	case name == "application/cloudevents-batch+json":
		form = cloudEventBatch
	default:
		return 0, &hook.Error{Code: codeMedia, Message: "the body must be application/json, application/cloudevents+json or application/cloudevents-batch+json"}
	}
	if encoding := header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return 0, &hook.Error{Code: codeMedia, Message: "the body must not be compressed"}
	}
	if header.Get("Ce-Specversion") != "" {
		return 0, &hook.Error{Code: codeMedia, Message: "CloudEvents in binary mode are not taken: send them in structured mode, as application/cloudevents+json"}
	}
	return form, nil
}

const (
	// smallEvents is the size of bodies that are read at once, in bytes.
	smallEvents = 512 << 10
	// largeBodies is how many larger ones, and such as do not tell how long they
	// are, are in memory at the same time.
	largeBodies = 4
)

// readEvents reads a body. A large one waits for its turn, which lasts until
// release is called: memory is bounded whatever is sent.
func (g *Gateway) readEvents(r *http.Request) (text string, release func(), err error) {
	release = func() {}
	if n := r.ContentLength; n >= 0 && n <= smallEvents {
		small := make([]byte, n)
		_, err := io.ReadFull(r.Body, small)
		return string(small), release, err
	}
	select {
	case g.large <- struct{}{}:
		release = func() { <-g.large }
	case <-r.Context().Done():
		return "", release, context.Cause(r.Context())
	}
	var large strings.Builder
	_, err = io.Copy(&large, r.Body)
	return large.String(), release, err
}

// named gives an error of the service the names and positions that the sender
// knows.
func (in *submission) named(err error) error {
	var e *hook.Error
	if !errors.As(err, &e) || e.Field == "" {
		return err
	}
	told := *e
	if e.Field == "events" { // of all of them
		told.Field = ""
		return &told
	}
	place, name := 0, e.Field
	if len(in.publications) > 1 {
		before, after, _ := strings.Cut(e.Field, ".")
		place, _ = strconv.Atoi(before)
		name = after
	}
	if other := cloudNames[name]; other != "" && in.cloud[place] {
		name = other
	}
	if told.Field = name; in.list {
		told.Field = within(strconv.Itoa(place), name)
	}
	return &told
}

// answerEvents tells what became of events: keys of events need no escapes.
func answerEvents(w http.ResponseWriter, published []hook.Published, list bool) error {
	b := make([]byte, 0, 80*len(published)+3)
	if list {
		b = append(b, '[')
	}
	for i, p := range published {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"id":"`...), p.Event.ID()...)
		b = append(strconv.AppendInt(append(b, `","triggers":`...), int64(p.Triggers), 10), '}')
	}
	if list {
		b = append(b, ']')
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(append(b, '\n')) // fails only if the caller has left
	return nil
}
