# Needs Go as in go.mod, a C compiler for the race detector, and Docker for the
# tests on MongoDB.

.PHONY: run build assets test clients fuzz generate check bench crash

# Starts the gateway on the embedded database in ./data. ARGS are its flags:
# make run ARGS="--addr :9000"
run: build
	./hookgraph $(ARGS)

# Without npm or a network the Playground is built all the same, and loads from a
# CDN what assets would have put into the binary.
build:
	@$(MAKE) --no-print-directory assets || \
	  echo "*** NO ASSETS: THE PLAYGROUND WILL LOAD GRAPHIQL FROM cdn.jsdelivr.net"
	go build -o hookgraph .

# Fetches from npm what the Playground loads, unless it is there already.
assets: web/assets/.fetched
web/assets/.fetched: web/package-lock.json web/libraries.json web/assets.mjs
	@command -v npm >/dev/null || { echo "npm is missing (apt-get install npm)"; exit 1; }
	cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run --silent assets
	@touch $@

# Runs every test. MONGO_IMAGE names the MongoDB that they start in a container.
# Without it that is the official image, or where that cannot be had a stand-in
# that is built from Go modules.
test:
	@$(MAKE) --no-print-directory assets || echo "*** NO ASSETS: THE PLAYGROUND WILL NOT BE TESTED"
	@command -v chromium >/dev/null || echo "*** NO CHROMIUM: THE PLAYGROUND WILL NOT BE TESTED (apt-get install chromium)"
	@set -e; \
	if ! docker info >/dev/null 2>&1; then \
	  echo "*** NO DOCKER ANSWERS: NOTHING WILL BE TESTED ON MONGODB (apt-get install docker.io; dockerd)"; \
	elif [ -z "$$MONGO_IMAGE" ] && ! docker image inspect mongo:8 >/dev/null 2>&1 && ! timeout 300 docker pull --quiet mongo:8; then \
	  echo "mongo:8 cannot be pulled: building a stand-in"; \
	  MONGO_IMAGE=$$(storage/mongotest/ferretdb/build.sh); TESTCONTAINERS_RYUK_DISABLED=true; \
	  export MONGO_IMAGE TESTCONTAINERS_RYUK_DISABLED; \
	fi; \
	echo "go test -race ./..."; go test -race ./...
	@$(MAKE) --no-print-directory clients

# Runs the independent clients against the program: graphql-http's audits, Apollo
# Client, urql, Relay and others from npm; and those of Entrust's API that are
# generated from its description.
clients:
	@command -v npm >/dev/null || { [ -z "$$CI" ] && echo "*** NO NPM: NO INDEPENDENT CLIENT WAS RUN (apt-get install npm)"; exit $$?; }; \
	set -e; echo "go build -o hookgraph ."; go build -o hookgraph .; \
	cd clients; for folder in . entrust; do (cd $$folder; npm ci --no-audit --no-fund --loglevel=error); done; npm test; \
	cd entrust/goclient; HOOKGRAPH="$(CURDIR)/hookgraph" go test -count=1 .

# Kills the process while it publishes and delivers, CRASH_ROUNDS times; make test
# does so three times.
CRASH_ROUNDS ?= 10
crash:
	CRASH_ROUNDS=$(CRASH_ROUNDS) go test -race -count=1 -v ./crash

# Runs each fuzz target for FUZZTIME, beyond its seeds that make test runs.
FUZZTIME ?= 10s
fuzz:
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do \
	  for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9]*)\(.*/\1/p' "$$file"); do \
	    echo "$$target in $$(dirname "$$file") for $(FUZZTIME)"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$(dirname "$$file")"; \
	  done; \
	done

# Writes graph/generated.go and graph/models_gen.go from schema.graphqls. Lists are
# completed by graph/list.go.
generate:
	go tool gqlgen generate
	gofmt -w -r 'graphql.MarshalSliceConcurrently(a, b, 0, false, c) -> marshalList(a, b, c)' graph/generated.go
	@! grep -n MarshalSliceConcurrently graph/generated.go
	cd bench/stock && go tool gqlgen generate

# What must hold of the source beside its tests.
check:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt these: $$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags profile .
	cd storage/mongotest/ferretdb && go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff
	@set -e; kept=$$(mktemp -d); trap 'rm -r "$$kept"' EXIT; generated="graph bench/stock"; \
	for room in $$generated; do mkdir -p "$$kept/$$room"; cp $$room/generated.go $$room/models_gen.go "$$kept/$$room"; done; \
	$(MAKE) --no-print-directory generate; \
	for room in $$generated; do for name in generated.go models_gen.go; do \
	  diff -u "$$kept/$$room/$$name" "$$room/$$name" || { echo "$$room/$$name was not generated from the schema; it is now"; exit 1; }; \
	done; done

# Measures the whole program under wrk beside a stock gqlgen server, then the
# parts.
bench:
	go run ./bench
	go run ./bench/delivery
	go test -run '^$$' -bench . -benchmem ./...
