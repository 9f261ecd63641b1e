# Every command of this repository; CI calls the same ones.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
BIN := .venv/bin
RUN_LOCK := requirements/run.lock
DEV_LOCK := requirements/dev.lock

.PHONY: help
help: ## Show these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'

$(BIN)/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/run.stamp: $(RUN_LOCK) pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r $(RUN_LOCK)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/python -m compileall -q src
	touch $@

.venv/dev.stamp: $(DEV_LOCK) .venv/run.stamp
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r $(DEV_LOCK)
	touch $@

.PHONY: setup
setup: .venv/run.stamp ## Make .venv with .venv/bin/sluiceway

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print 2>/dev/null)

web/node_modules/.package-lock.json: web/package-lock.json | .venv/run.stamp
	tools/with-node npm ci --prefix web --no-audit --no-fund --loglevel=error
	touch $@

.venv/pages.stamp: $(WEB_SOURCES) web/node_modules/.package-lock.json
	tools/with-node npm run --silent --prefix web build
	rm -rf src/sluiceway/pages
	cp -r web/dist src/sluiceway/pages
	touch $@

.PHONY: pages
pages: .venv/pages.stamp ## Build the web pages into the package

.PHONY: run
run: setup pages ## Start the server on http://127.0.0.1:8080 with its data in ./data
	$(BIN)/sluiceway serve --data-dir data

.PHONY: demo
demo: setup ## Push simulated sensor readings to the running server
	$(BIN)/sluiceway demo

# What also runs against a server with workers.
WITH_WORKERS := $(addprefix tests/,api/test_doors.py api/test_doors_compared.py api/test_publish.py \
	api/test_publish_legacy.py api/test_publish_permissions.py api/test_publish_revocation.py \
	integration/test_reset_while_publishing.py)

.PHONY: test
test: test-pages test-server ## Run the whole suite, with all that it needs

.PHONY: test-pages
test-pages: pages ## Run the tests of the web pages' own code
	tools/with-node npm test --silent --prefix web
	tools/with-node npm run --silent --prefix web size

.PHONY: test-server
test-server: .venv/dev.stamp pages ## Run the tests of the server, its clients and its pages in a browser
	tools/install-test-programs
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=30

.PHONY: test-workers
test-workers: .venv/dev.stamp pages ## Run the tests of publishing against a server with two workers
	$(BIN)/python -m pytest -n 2 --dist loadfile --workers 2 $(WITH_WORKERS)

.PHONY: screenshots
screenshots: .venv/dev.stamp pages ## Write pictures of every page, wide and narrow, light and dark, to screenshots/
	tools/install-test-programs
	rm -rf screenshots
	$(BIN)/python -m pytest tests/browser/test_appearance.py -n 2 --dist load --screenshots screenshots

.PHONY: check
check: .venv/dev.stamp web/node_modules/.package-lock.json ## Check format, lint, types, import contracts and sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/checks/sizes.py
	tools/with-node npm run --silent --prefix web check

.PHONY: fix
fix: .venv/dev.stamp ## Mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: docs
docs: .venv/dev.stamp ## Write the generated reference pages anew
	$(BIN)/python tools/reference.py

.PHONY: lock
lock: | $(BIN)/uv ## Pin the dependencies anew, with hashes
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 pyproject.toml -o $(RUN_LOCK)
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 pyproject.toml --group dev -o $(DEV_LOCK)
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 requirements/peers.in -o requirements/peers.lock

.PHONY: bench
bench: .venv/dev.stamp ## Measure; prints JSON lines
	tools/install-test-programs
	$(BIN)/python bench/decode.py
	$(BIN)/python bench/log.py
	$(BIN)/python bench/recovery.py
	$(BIN)/python bench/publish.py
	$(BIN)/python bench/bulk.py
	$(BIN)/python bench/columns.py
	$(BIN)/python bench/workers.py
	$(BIN)/python bench/live_page.py
	$(BIN)/python bench/read_table.py
	$(BIN)/python bench/current_state.py

RUNS ?= 3
BENCHMARKS ?= publish compare scale rates fanout bulk columns archive read_table current_state workers overload start recovery

.PHONY: peers
peers: .venv/dev.stamp ## Install what is measured beside us
	tools/install-test-programs
	tools/install-bench-peers

.PHONY: performance
performance: peers ## Measure everything, and write docs/performance.md
	rm -rf bench/results && mkdir -p bench/results
	for run in $$(seq $(RUNS)); do for name in $(BENCHMARKS); do \
		$(BIN)/python bench/$$name.py > bench/results/$$name.$$run.jsonl || exit 1; done; done
	.venv-peers/bin/python tools/performance.py
