package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	"github.com/hookgraph/hookgraph/dialect/kheops"
	"github.com/hookgraph/hookgraph/dialect/pageseeder"
	"github.com/hookgraph/hookgraph/dialect/standard"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/metrics"
	"github.com/hookgraph/hookgraph/resolvers"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// An engine is a storage.Engine that its opener closes.
type engine interface {
	storage.Engine
	Close() error
}

// A house is all rooms behind the doors: what answers requests, without the
// server.
type house struct {
	engine   engine
	database string // what people are told of it
	service  *hook.Service
	auth     *auth.Authenticator
	adminKey hook.Secret
	sender   *delivery.Sender
	dialects []dialect.Dialect
	// scheduler delivers events by the forms of the dialects.
	scheduler *delivery.Scheduler
	// replica shares them with other gateways; nil on the embedded database.
	replica *delivery.Replica
	// numbers are the metrics.
	numbers *metrics.Set
	// sending is what mutations send and explain.
	sending resolvers.Sending
}

// open opens the database and puts the rooms together.
func open(ctx context.Context, c config, log *slog.Logger) (_ *house, err error) {
	h := &house{}
	if h.adminKey, _, err = auth.AdminKey(c.data, c.adminKey); err != nil {
		return nil, err
	}
	if err := refuseLostKey(c); err != nil {
		return nil, err
	}
	key, err := auth.DataKey(c.data, c.key)
	if err != nil {
		return nil, err
	}
	vault, err := hook.NewVault(key)
	if err != nil {
		return nil, err
	}
	if err := h.openEngine(ctx, c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = h.engine.Close()
		}
	}()
	h.service = hook.NewService(storage.New(h.engine), vault, hook.Options{
		Log: log, AccountID: c.accountID, EntrustLimit: c.entrustLimit,
	})
	switch err := h.service.CheckVault(ctx); {
	case errors.Is(err, hook.ErrWrongKey):
		return nil, fmt.Errorf("the secrets in this database were encrypted with another key: give the one from before by HOOKGRAPH_KEY or in %s",
			filepath.Join(c.data, "secret.key"))
	case err != nil:
		return nil, err
	}
	if h.auth, err = auth.New(h.service, auth.Options{AdminKey: h.adminKey, JWT: c.jwt, Log: log}); err != nil {
		return nil, err
	}
	h.sender = delivery.NewSender(delivery.Options{AllowPrivate: c.allowPrivate})
	pageSeeder := pageseeder.New(h.service, h.auth, pageseeder.Options{Location: c.location, Sender: h.sender, Log: log})
	h.dialects = []dialect.Dialect{
		pageSeeder,
		kheops.New(h.service, h.auth, kheops.Options{Host: c.reachedAt, Location: c.location, Log: log}),
		entrust.New(h.service, h.auth, entrust.Options{
			Location: c.location, Sender: h.sender, SecureCookie: strings.HasPrefix(c.publicURL, "https:"), Log: log,
			TokenForm: c.entrust.TokenForm, Signatures: c.entrust.Signatures,
		}),
	}
	forms := []delivery.Form{standard.New(h.service)}
	for _, d := range h.dialects {
		if form, ok := d.(delivery.Form); ok {
			forms = append(forms, form)
		}
	}
	h.numbers = metrics.New()
	h.scheduler = delivery.NewScheduler(h.service, h.sender, forms, delivery.SchedulerOptions{Log: log, Observer: h.numbers})
	if c.mongodb != "" {
		h.replica = delivery.NewReplica(h.service, h.scheduler, delivery.ReplicaOptions{Log: log})
	}
	h.service.DeliverBy(h.scheduler)
	h.sending = resolvers.Sending{
		Ping: pageSeeder.Ping, Test: delivery.NewTester(h.sender, forms).Test, CheckURL: h.sender.Check, Verify: delivery.Verify,
	}
	return h, nil
}

// refuseLostKey refuses to make a new key for a database whose own is missing.
func refuseLostKey(c config) error {
	if c.mongodb != "" || c.key != "" {
		return nil
	}
	key := filepath.Join(c.data, "secret.key")
	if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it, its reader tells
	}
	if _, err := os.Stat(filepath.Join(c.data, sqlite.File)); err != nil {
		return nil
	}
	return fmt.Errorf("there is a database but no %s: restore that file, or give its key by HOOKGRAPH_KEY", key)
}

func (h *house) openEngine(ctx context.Context, c config) error {
	if c.mongodb != "" {
		e, err := mongo.Open(ctx, c.mongodb.Reveal(), storage.Collections(), mongo.Options{})
		if err != nil {
			return fmt.Errorf("open MongoDB: %w", err)
		}
		h.engine, h.database = e, "MongoDB at "+hosts(c.mongodb)
		return nil
	}
	e, err := sqlite.Open(ctx, c.data, storage.Collections(), sqlite.Options{})
	if err != nil {
		return err
	}
	h.engine, h.database = e, "SQLite in "+filepath.Join(c.data, sqlite.File)
	return nil
}

// hosts returns the part of a valid MongoDB URI that is no secret.
func hosts(uri hook.Secret) string {
	_, rest, _ := strings.Cut(uri.Reveal(), "://")
	rest, _, _ = strings.Cut(rest, "?")
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	rest, _, _ = strings.Cut(rest, "/")
	return rest
}
