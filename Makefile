# The front door: `make help`. Every target sets up what it needs; the second time that is quick.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-client test-python test-browser test-torch check bench faults soak fuzz client pictures clean

SETUP := scripts/setup.sh
PYTHON_BIN := .venv/bin/python
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16
	@echo
	@echo "PORT= and HOST= say where the demo listens (http://$(HOST):$(PORT)); LIVEFLOE_TORCH=0 builds without libtorch;"
	@echo "PYTHON=, CHROMIUM=, REDIS_SERVER=, NGINX=, HAPROXY=, LIBTORCH=, LIVEFLOE_CACHE= say where things are."

demo: ## set up, build, and serve every example from one process
	@$(SETUP) extension
	@exec $(PYTHON_BIN) examples/demo.py

test: ## set up and run every test
	@$(SETUP) tools python client browser redis haproxy nginx
	@$(MAKE) --no-print-directory test-client
	@$(MAKE) --no-print-directory test-rust
	@$(SETUP) extension
	@$(MAKE) --no-print-directory test-torch
	@$(MAKE) --no-print-directory test-python
	@$(MAKE) --no-print-directory test-browser

test-rust: ## the crate and what crosses its borders
	cargo test --locked -p livefloe --features testing,redis
	REDIS_SERVER="$$($(SETUP) redis redis-server)" cargo test --locked -p livefloe-tests -p livefloe-faults --features livefloe-tests/redis

test-torch: ## models, with libtorch
	@if [ "$${LIVEFLOE_TORCH:-1}" != 0 ]; then \
	  export LIBTORCH="$$($(SETUP) libtorch)"; \
	  cargo test --release --locked -p livefloe --features torch --lib model::; \
	else echo "LIVEFLOE_TORCH=0: left out"; fi

test-client: ## the browser client, and whether its built files are those of its source
	cd client-js && npm run --silent check && npm run --silent build -- --check && npm test --silent

test-python: ## the Python package
	$(PYTHON_BIN) -m pytest -q tests/python

test-browser: ## in Chromium: every example in both languages, the cases of the patch engine, and pages from chance
	cargo build --locked -p livefloe-tests --bin cases --bin pairs
	cd tests/browser && CHROMIUM="$$(../../$(SETUP) chromium)" LANGUAGES=rust,python BROWSER_TEST_SERVER="$(PYTHON_BIN) examples/demo.py" npm test --silent

check: ## format, lint, types
	@$(SETUP) tools python client
	cargo fmt --all --check
	cargo clippy --locked -p livefloe -p livefloe-tests -p livefloe-faults -p livefloe-examples -p livefloe-python --all-targets -- -D warnings
	cargo clippy --locked -p livefloe -p livefloe-tests --features livefloe/redis,livefloe-tests/redis --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps -p livefloe --features redis
	cd client-js && npm run --silent check
	.venv/bin/ruff check python-bindings tests/python examples
	.venv/bin/ruff format --check python-bindings tests/python examples
	.venv/bin/mypy --config-file python-bindings/pyproject.toml python-bindings/python
	if command -v cargo-deny >/dev/null; then cargo deny --all-features check bans licenses sources; \
	  else echo "cargo-deny is not installed ('cargo install cargo-deny'): licences and sources were not checked"; fi

bench: ## measure; prints a table and writes target/bench/results.json
	@$(SETUP) tools browser redis
	REDIS_SERVER="$$($(SETUP) redis-server)" cargo run --release --locked -p livefloe-tests --features redis --bin bench
	@cd tests/browser && CHROMIUM="$$(../../$(SETUP) chromium)" node bench/rows.mjs "$${CARGO_TARGET_DIR:-../../target}/release/bench" serve rows

faults: ## break things around real servers (about 20 minutes, some of it as root); FAULTS= names rows, docs/faults.md has them all
	@$(SETUP) tools redis haproxy
	REDIS_SERVER="$$($(SETUP) redis-server)" cargo run --release --locked -p livefloe-faults -- $(FAULTS)

soak: ## SOAK_MINUTES (30) of faults by chance under 1,000 sessions
	@$(SETUP) tools redis haproxy
	REDIS_SERVER="$$($(SETUP) redis-server)" cargo run --release --locked -p livefloe-faults -- soak $(FAULTS)

fuzz: ## search for inputs that break the pure modules, FUZZ_SECONDS (60) for each of them
	@$(SETUP) tools
	@scripts/fuzz.sh

client: ## build the browser client into framework/assets
	@$(SETUP) client
	cd client-js && npm run build

pictures: ## take the pictures of the examples again
	@$(SETUP) extension browser
	cd tests/browser && CHROMIUM="$$(../../$(SETUP) chromium)" node pictures.mjs

clean: ## remove what was built here
	cargo clean
	rm -rf .venv client-js/node_modules tests/browser/node_modules
