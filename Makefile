# Commands for development: `make run` starts the application, `make test` runs all checks.

VENV := .venv
BIN := $(VENV)/bin
NEWEST_PYTHON = $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PYTHON ?= $(NEWEST_PYTHON)

# Tests run in this many processes; tests/conftest.py assigns tests that share fixtures to the same one. Those that
# start servers or a browser, a process each, wait half of their time: three are right for two cores.
WORKERS ?= 3
# Its releases are not in the module proxy, hence a commit.
MINIO := github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
LIVEKIT := github.com/livekit/livekit-server/cmd/server@v1.13.5
# Without optimization, data for debuggers and C they are built in half of the time.
GO_INSTALL = GOBIN=$(CURDIR)/.real-servers GOFLAGS= CGO_ENABLED=0 GOGC=400 go install \
	'-gcflags=all=-N -l -dwarf=false' '-ldflags=-s -w'

PYTEST = $(BIN)/pytest -q -n $(WORKERS) --no-loadscope-reorder

# Where this is set, each of the many processes of the application and of the tests would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test check static browser test-long bench lighthouse real-servers dist clean

help: ## lists these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.ready web/static/vendor/.ready ## installs all dependencies into this directory, if they have changed

run: setup ## starts the application at http://127.0.0.1:8000, with reviews; without plugins: ONEHOUR_PLUGINS= make run
	@grep -qs '^ONEHOUR_PLUGINS=' .env || export ONEHOUR_PLUGINS="$${ONEHOUR_PLUGINS-feedback}"; exec $(BIN)/onehour run

test: setup static browser ## checks format, types and import rules, and runs all tests
	$(PYTEST)

check: setup static ## the same without tests in a browser and tests that start servers
	$(PYTEST) -m "not long and not browser and not process"

static:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser: setup
	$(BIN)/python -m tests.browser.find

test-long: setup browser ## runs also the tests that take minutes
	$(PYTEST) --hypothesis-profile=search -m "long or not long"

bench: setup ## measures performance and prints tables
	$(BIN)/python -m bench

lighthouse: setup ## measures pages with Lighthouse; fails if a score is too low
	$(BIN)/python -m bench lighthouse

real-servers: ## builds servers that tests use, where Go is present; takes minutes the first time
	@if command -v go >/dev/null; then $(MAKE) --no-print-directory .real-servers/$(notdir $(MINIO)) \
		.real-servers/livekit-$(notdir $(LIVEKIT)); \
	else echo "Go is not installed: tests with MinIO and LiveKit are skipped."; fi

.real-servers/$(notdir $(MINIO)):
	rm -f .real-servers/minio*
	$(GO_INSTALL) $(MINIO)
	@touch $@

.real-servers/livekit-$(notdir $(LIVEKIT)):
	rm -f .real-servers/livekit-*
	$(GO_INSTALL) $(LIVEKIT)
	mv .real-servers/server .real-servers/livekit-server
	@touch $@

dist: setup ## builds the sdist and, from it, the wheel in dist/
	rm -rf build dist *.egg-info
	$(BIN)/python -m build --no-isolation

clean: ## removes installed and generated files; keeps data/ and .env
	rm -rf $(VENV) node_modules tests/node/node_modules bench/node/node_modules bench/lean/node_modules tests/sdk/.installed web/static/vendor build dist *.egg-info
	rm -rf .real-servers .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "OneHour needs Python 3.11 or newer. Install it, or set PYTHON to its path."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
		"$(PYTHON) cannot create virtual environments. Install the venv package (Debian: apt-get install python3-venv)."; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

web/static/vendor/.ready: package-lock.json web/static/icons.txt web/static/modules.txt web/static/fonts.txt onehour/frontend.py | $(VENV)/.ready
	$(BIN)/python -m onehour.frontend
	@touch $@
