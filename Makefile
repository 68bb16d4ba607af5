# make          what there is
# make test     everything, with -race, on SQLite and a real PostgreSQL

GO            ?= go
TOOLS         := $(CURDIR)/.tools
GOLANGCI_LINT := $(TOOLS)/golangci-lint-v2.15.0
GORELEASER    := $(TOOLS)/goreleaser-v2.16.0
TEST_FLAGS    ?=
WHEEL_ARCHS   ?= amd64 arm64
WHEEL_DIR     ?= config/databricks/dist
WHEEL_LEVEL   ?= 9

.PHONY: help
help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: build
build: ## bin/appmetrics
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o bin/appmetrics ./cmd/appmetrics

# Wheels of older builds go first: the Databricks CLI takes the one whose
# version sorts last, and commits do not sort by age.
.PHONY: wheel
wheel: ## config/databricks/dist: the Linux binaries as Python wheels, for Databricks
	rm -f $(WHEEL_DIR)/appmetrics-*.whl
	set -e; version=$$(git describe --tags --always --dirty 2>/dev/null || true); \
	for arch in $(WHEEL_ARCHS); do \
	  binary=bin/appmetrics-linux-$$arch; \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$arch $(GO) build -trimpath \
	    -ldflags="-s -w -X github.com/appmetrics/appmetrics/internal/cli.version=$$version" -o $$binary ./cmd/appmetrics; \
	  config/databricks/wheel/build.py --binary $$binary --arch $$arch --version "$$version" --level $(WHEEL_LEVEL) --out $(WHEEL_DIR); \
	done

.PHONY: web
web: ## internal/web/dist: the dashboard and the tracker, checked, tested and built
	cd internal/web/ui && npm ci --no-audit --no-fund --loglevel=error
	cd internal/web/ui && npm run -s generate && npm run -s check && npm run -s test && npm run -s build

.PHONY: e2e
e2e: ## the dashboard and the tracker in a real Chromium, on both engines
	test -d internal/web/ui/node_modules || (cd internal/web/ui && npm ci --no-audit --no-fund --loglevel=error)
	.ci/with-node .ci/with-postgres .ci/with-chromium npm --prefix internal/web/ui run -s e2e

.PHONY: screenshots
screenshots: ## docs/images: pictures of both dashboards of serve --demo
	.ci/with-tmux .ci/with-chromium $(GO) test -tags screenshots -run Pictures -count 1 ./internal/terminal
	.ci/with-node .ci/with-postgres .ci/with-chromium env SCREENSHOTS=1 npm --prefix internal/web/ui run -s e2e -- --project screenshots

.PHONY: figures
figures: ## how long the dashboard takes with 90 days of 200 endpoints, on both engines
	.ci/with-node .ci/with-postgres .ci/with-chromium env FIGURES=1 npm --prefix internal/web/ui run -s e2e -- --project figures

# SQLite in Go is C with its pointers: to check each of them takes a fifth of
# the time and says nothing of this program.
TEST_TIMEOUT ?= 30m
TEST_PACKAGES ?= ./...

.PHONY: test
test: ## every test, with -race, on both engines; starts PostgreSQL itself
	.ci/with-python .ci/with-tmux .ci/with-postgres $(GO) test -race -gcflags='modernc.org/...=-d=checkptr=0' -timeout $(TEST_TIMEOUT) $(TEST_FLAGS) $(TEST_PACKAGES)

.PHONY: race
race: ## every package ten times, with -race
	$(MAKE) test TEST_FLAGS=-count=10 TEST_TIMEOUT=100m

.PHONY: cover
cover: ## statements of internal/ that the tests reach, generated code left out
	.ci/with-python .ci/with-tmux .ci/with-postgres $(GO) test -timeout 15m -coverpkg=./internal/... -coverprofile=coverage.all ./...
	grep -v '\.gen\.go:' coverage.all >coverage.out
	$(GO) tool cover -func=coverage.out | tail -n 1

.PHONY: lint
lint: $(GOLANGCI_LINT) $(GORELEASER) ## golangci-lint, module files, generated files, release configuration
	$(GOLANGCI_LINT) run ./...
	$(GO) mod tidy -diff
	$(GO) generate ./... && git diff --exit-code -- '*.gen.go'
	$(GORELEASER) check --quiet

.PHONY: fuzz
fuzz: ## FUZZTIME (default 30s) for every fuzz target: every parser, and injection on both engines
	FUZZTIME=$(or $(FUZZTIME),30s) .ci/with-postgres .ci/fuzz

.PHONY: bench
bench: ## every benchmark, on both engines
	.ci/with-postgres $(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: soak
soak: ## ten minutes of load on a database whose password changes 20 times
	.ci/with-postgres $(GO) test -tags soak -run TenMinutes -count 1 -timeout 20m -v ./internal/lakebase

.PHONY: tui-soak
tui-soak: ## half an hour of the screen Live at 500 requests a second (SOAK_TIME): its memory
	.ci/with-tmux $(GO) test -tags soak -run Soak -count 1 -timeout 60m -v ./internal/terminal

.PHONY: proof-copy
proof-copy: ## 100 kill -9 of `copy` in each of four directions (PROOF_KILLS), rows coming meanwhile
	.ci/with-postgres $(GO) test -tags proof -run RandomMoments -count 1 -timeout 60m -v ./internal/transfer

.PHONY: proof-paths
proof-paths: ## 1,000,000 random paths (PROOF_PATHS), and posts around many hours, on both engines: names, totals, memory
	.ci/with-postgres $(GO) test -tags proof -run 'RandomPaths|HoursStayBounded' -count 1 -timeout 60m -v ./internal/threats

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist config/databricks/dist coverage.all coverage.out .tools

# The tools are built from source by version, so that nothing needs to be
# installed by hand and everyone has the same.
$(GOLANGCI_LINT):
	@mkdir -p $(TOOLS)/bin
	GOBIN=$(TOOLS)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv $(TOOLS)/bin/golangci-lint $@

$(GORELEASER):
	@mkdir -p $(TOOLS)/bin
	GOBIN=$(TOOLS)/bin $(GO) install github.com/goreleaser/goreleaser/v2@v2.16.0
	@mv $(TOOLS)/bin/goreleaser $@

.PHONY: acceptance
acceptance: ## 10,000 requests through a real application; the report must say what was sent
	$(GO) test -tags acceptance -count 1 -timeout 10m -v ./internal/acceptance

.PHONY: proof-power-cuts
proof-power-cuts: ## 20,000 simulated power cuts (PROOF_POWER_CUTS), every byte of a segment flipped, every cut of it
	$(GO) test -tags proof -run 'PowerCut|Flipped|Truncated' -count 1 -timeout 60m ./internal/spool

.PHONY: proof-slow
proof-slow: ## 5,000 slow connections (PROOF_SLOW) beside real requests: what these notice
	$(GO) test -tags proof -run ProofSlowClients -count 1 -timeout 30m -v ./internal/server

# The proofs of docs/durability.md about the real binary, with their numbers.
PROOF = .ci/with-postgres $(GO) test -tags proof -count 1 -timeout 6h -v ./internal/proof -run

.PHONY: proof-kills
proof-kills: ## 1,000 kill -9 at random moments (PROOF_KILLS), 64 writers, both engines, both acks
	$(PROOF) '^TestKills$$'

.PHONY: proof-failpoints
proof-failpoints: ## kill -9 at every named point, at 5 passes of each (PROOF_TIMES)
	$(PROOF) '^TestFailpoints$$'

.PHONY: proof-connections
proof-connections: ## connections cut, also after COMMIT, slow, silent, refused: 25 rounds (PROOF_CUTS)
	$(PROOF) '^TestConnections$$'

.PHONY: proof-restarts
proof-restarts: ## 500 immediate restarts of PostgreSQL under load (PROOF_RESTARTS)
	$(PROOF) '^TestServerRestarts$$'

.PHONY: proof-disk
proof-disk: ## a full disk of 16 MiB; mounts one, so as root or with sudo
	$(PROOF) '^TestDiskFull$$'

.PHONY: proof-stop
proof-stop: ## SIGTERM while 100,000 events wait (PROOF_BACKLOG), database up, down and silent
	$(PROOF) '^TestTermination$$'

.PHONY: proof-away
proof-away: ## PostgreSQL away for 1,800 s (PROOF_AWAY) at 2,000 events a second (PROOF_RATE)
	$(PROOF) '^TestAway$$'

.PHONY: proof-soak
proof-soak: ## 3,600 s of load (PROOF_SOAK) on both engines: memory and goroutines
	$(PROOF) '^TestSoak$$'

.PHONY: proof-replay
proof-replay: ## 20,000 histories (PROOF_HISTORIES) of processes that die, disks that fail and stores that lie: each sample once
	$(GO) test -run 'StoredOnce|AccountsBalance' -count 1 -timeout 60m ./internal/ingest -rapid.checks=$(or $(PROOF_HISTORIES),20000)

.PHONY: proof-conservation
proof-conservation: ## 10,000 histories of writes, replays and aggregation (PROOF_HISTORIES) on SQLite, 2,000 on PostgreSQL, at both isolations
	.ci/with-postgres $(GO) test -tags proof -run '^TestConservation$$' -count 1 -timeout 12h -v ./internal/aggregate

.PHONY: proof-mutations
proof-mutations: ## each sync, lock, retry and bound taken out (PROOF_MUTATIONS): some test must notice
	.ci/with-postgres $(GO) test -tags proof -run '^Test(Mutations|TablesFitTheSources)$$' -count 1 -timeout 4h -v ./internal/mutations
