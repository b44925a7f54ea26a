# make check before a commit; .ci/run is what CI runs.

GO      ?= go
GOLANGCI ?= golangci-lint
# Empty without a tag: then the program knows what it becomes.
VERSION ?= $(patsubst v%,%,$(shell git describe --tags --dirty 2>/dev/null))
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
DATE    ?= $(shell TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null)
BUILD    = github.com/prometheus/common/version
LDFLAGS  = -s -w -X $(BUILD).Version=$(VERSION) -X $(BUILD).Revision=$(REVISION) -X $(BUILD).BuildDate=$(DATE)

# Packages with golden files: their tests take -update.
GOLDEN   = $(shell git grep -l test/golden -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's,^,./,')

.PHONY: storage all build check fmt vet lint test race bench fuzz fuzz-coverage docs rules faults faults-long truth signatures reproducible nightly model soak vulncheck e2e-assign e2e-openstack e2e-alerts e2e-clients e2e-pages dashboards-load image release release-snapshot e2e-packages e2e-kubernetes clean

all: check build

build: ## the static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o cloudip_exporter .

check: fmt vet lint test ## all quick checks

fmt:
	@files=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$files" ] || { echo "not formatted: $$files"; exit 1; }

vet:
	$(GO) vet ./...
	$(GO) vet -tags e2e ./test/...
	$(GO) -C tools/bench vet ./...

lint: ## golangci-lint, where it is installed
	@if command -v $(GOLANGCI) >/dev/null; then $(GOLANGCI) run; else echo "lint skipped: $(GOLANGCI) is not installed"; fi

test:
	$(GO) test ./...

race: ## all tests at full figures under the race detector; faults measures times and runs alone
	$(GO) list ./... | grep -v '/test/faults$$' | xargs $(GO) test -race -timeout 15m
	$(GO) test -race -timeout 15m ./test/faults

bench: ## measure against the limits, rewrite the results of docs/performance.md (Linux, 10 minutes, 6 GB)
	$(GO) -C tools/bench run . -out ../../docs/performance.md

FUZZ ?= 200000
fuzz: ## every fuzz target for FUZZ inputs, without looking at the clock
	.ci/fuzz $(FUZZ)

FUZZTIME ?= 1m
fuzz-coverage: ## every fuzz target for FUZZTIME, led by coverage: each package is compiled anew
	@git grep -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | sed -E 's,^(.*)/[^/]*:func (.*)$$,./\1 \2,' | \
	while read -r dir target; do echo "$$dir $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) "$$dir" || exit 1; done

docs: ## rewrite golden files, and what is generated in documents. Read the diff
	$(GO) test -short $(GOLDEN) -update
	git diff --stat

PINNED_PROMTOOL = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/cloudip_exporter/promtool-$(shell sed -n 's,.*github.com/prometheus/prometheus \(v[^ ]*\).*,\1,p' tools/promtool/go.mod)
rules: ## test the recording rules and alerts by the pinned promtool, which is built once in minutes, or by PROMTOOL=...
	@tool="$(PROMTOOL)"; [ -n "$$tool" ] || { tool="$(PINNED_PROMTOOL)"; [ -x "$$tool" ] || \
	$(GO) build -C tools/promtool -tags netgo,remove_all_sd -ldflags '-s -w' -o "$$tool" github.com/prometheus/prometheus/cmd/promtool; }; \
	PROMTOOL="$$tool" $(GO) test -count=1 -timeout 30m ./rules -long

faults: ## play every fault and print the table with what was measured; LONG=-long for the full figures
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(GO) test -c -o "$$dir/faults" ./test/faults && \
	cd test/faults && "$$dir/faults" -test.timeout 60m -test.run '^(TestFault|TestNamedTests|TestThe.*|TestTests.*|TestEvery.*)$$' -table -named $(LONG)

model: ## 10,000 random sequences of faults, scrapes, reloads and time
	$(GO) test -count=1 -v -timeout 60m -run '^TestModel$$' ./collect -long

SOAK ?= 20m
soak: ## scrape for SOAK, 10,000 times at least, with random faults: nothing may grow
	$(GO) test -count=1 -v -timeout 0 -run '^TestSoak$$' ./test/faults -soak=$(SOAK)

vulncheck: ## known vulnerabilities; needs their database in the network
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.8.0 ./...

truth: ## compare what is published with clouds of 20,000 ports, and with 20 random ones of each provider
	$(GO) test -count=1 -v -timeout 30m -run 'LargeCloud|RandomClouds' ./test/truth -long -seeds=20

signatures: ## compare our signatures with those of the vendor's SDK, which is downloaded
	$(GO) -C cloudapi/auth/signcheck test -count=1 -v ./...

reproducible: ## build twice, the second time without a cache: the bytes must be equal
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '-s -w' -o "$$dir/one" . && export GOCACHE="$$dir/cache" && \
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '-s -w' -o "$$dir/two" . && cmp "$$dir/one" "$$dir/two"

# .ci/run plays a short form of each: -race -short; .ci/fuzz 1000; one build, in which it
# looks for paths of the machine; the usual figures of faults, truth, model and e2e-assign in
# go test; TestPublishedSignatures; the rules by Debian's promtool; of vulncheck only that
# each linked module has a reason (dependencies_test.go); e2e-clients, e2e-pages, e2e-packages and e2e-kubernetes not at all.
NIGHTLY = storage race fuzz reproducible faults-long truth model e2e-assign e2e-clients e2e-pages e2e-packages e2e-kubernetes signatures rules vulncheck
nightly: ## each long check, one after another; prints which ones ran and which failed
	@failed=; for check in $(NIGHTLY); do printf '\n=== %s\n' "$$check"; $(MAKE) --no-print-directory "$$check" || failed="$$failed $$check"; done; \
	printf '\nran: %s\nfailed:%s\n' '$(NIGHTLY)' "$${failed:- none}"; [ -z "$$failed" ]

storage: ## 2,000 random worlds against storage, and 300 kills
	$(GO) test -count=1 -timeout 60m -run '^(TestModel|TestWhatIsCommittedSurvivesKill9)$$' ./storage -worlds=2000 -kills=300

faults-long: ## the faults at their full figures
	@$(MAKE) --no-print-directory faults LONG=-long

e2e-assign: ## 10,000 assignments by 8 clients under faults and 1,000 kills, on each provider
	CLOUDIP_E2E_ASSIGN_RUNS=10000 CLOUDIP_E2E_ASSIGN_KILLS=1000 $(GO) test -count=1 -v -timeout 60m -run 'TestManyClients|TestARunThatIsKilled' ./cli

e2e-openstack: ## against the OpenStack that OS_CLOUD names in clouds.yaml
	@[ -n "$$OS_CLOUD" ] || { echo "set OS_CLOUD to a cloud of your clouds.yaml"; exit 2; }
	$(GO) test -tags e2e -count=1 -v -timeout 30m ./test/openstack

e2e-alerts: ## every alert and dashboard query on a real Prometheus and Alertmanager (PROMETHEUS=..., ALERTMANAGER=...); 20 minutes
	$(GO) test -tags e2e -count=1 -v -timeout 40m -run 'Shorten|EveryAlert' ./test/alerts

e2e-clients: ## clients that others wrote, against the simulated clouds; where only lo is up: they follow links
	@for tool in unshare ip; do command -v $$tool >/dev/null || { echo "$$tool is missing: install util-linux and iproute2"; exit 1; }; done; \
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(GO) -C test/clients test -c -o "$$dir/clients" . && cd test/clients && \
	unshare $$([ $$(id -u) = 0 ] || echo --map-root-user) --net sh -c 'ip link set lo up && exec env -i "$$1" -test.v' sh "$$dir/clients"

e2e-kubernetes: ## the chart on a real API server: install, upgrade, uninstall (builds its tools once, 15 minutes)
	test/kubernetes/run

e2e-packages: ## release twice to the same checksums; deb and rpm in clean roots: install, run, upgrade, remove, purge
	SYSTEMD_ANALYZE=systemd-analyze $(GO) test -count=1 ./deploy/linux
	@sums=$$(mktemp); trap 'rm -f "$$sums"' EXIT; $(MAKE) --no-print-directory release-snapshot && cp dist/SHA256SUMS "$$sums" && \
	$(MAKE) --no-print-directory release-snapshot && diff -I image/ "$$sums" dist/SHA256SUMS && test/packages/run dist

e2e-pages: ## walk through the pages in a real Chromium (CHROMIUM=...), judge them by axe-core; needs node and npm
	npm ci --silent --prefix test/browser
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(GO) build -o "$$dir/cloudip_exporter" . && node test/browser/walk.mjs "$$dir/cloudip_exporter" $(PICTURES)

dashboards-load: ## the dashboard queries on 200,000 series (PROMETHEUS=...)
	$(GO) test -tags e2e -count=1 -v -timeout 20m -run LargeEstate ./test/alerts

image: ## the container image
	docker build --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) --build-arg DATE=$(DATE) -t cloudip_exporter:$(or $(VERSION),latest) .

RELEASE  = $(shell sed -n 's/^const release = "\(.*\)"/\1/p' cli/version.go)
release: VERSION = $(RELEASE)
release: ## everything of a release into dist/, offline; needs a tag, goreleaser, cyclonedx-gomod and buildah
	goreleaser release --clean
	@$(image-and-sums)
release-snapshot: VERSION = $(RELEASE)-snapshot
release-snapshot: ## the same without a tag
	RELEASE=$(RELEASE) goreleaser release --snapshot --clean
	@$(image-and-sums)
image-and-sums = deploy/image.sh dist $(VERSION) $(REVISION) $(DATE) && cd dist && sha256sum image/manifest.json >> SHA256SUMS

clean:
	rm -rf cloudip_exporter build dist
	$(GO) clean -testcache
