# Every command for development: `make run` starts the application, `make test` checks it.

VENV := .venv
BIN := $(VENV)/bin
NEWEST_PYTHON = $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PYTHON ?= $(NEWEST_PYTHON)

# Tests run on this many workers; tests/conftest.py keeps what shares fixtures on one of them.
WORKERS ?= 2
PYTEST = $(BIN)/pytest -q -n $(WORKERS) --no-loadscope-reorder

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test check static test-long bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.ready web/static/vendor/.ready ## installs everything into this folder; a no-op when it is there

run: setup ## starts the application: http://127.0.0.1:8000
	@$(BIN)/onehour run

test: setup static ## format, types, import rules and all tests, also those in a browser and with servers
	$(BIN)/python -m tests.browser.find
	$(PYTEST)

check: setup static ## the same without the browser and without servers: about a minute
	$(PYTEST) -m "not long and not browser and not process"

static:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-long: setup ## every test, also those that take minutes
	$(BIN)/python -m tests.browser.find
	$(PYTEST) -m "long or not long"

bench: setup ## measures: see docs/ and bench/
	$(BIN)/python -m bench

clean: ## removes what setup and the tools made; keeps data/ and .env
	rm -rf $(VENV) node_modules web/static/vendor build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "OneHour needs Python 3.11 or newer, and none was found."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
		"$(PYTHON) cannot make virtual environments; install its venv package (Debian: apt-get install python3-venv)."; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

web/static/vendor/.ready: package-lock.json web/static/icons.txt onehour/frontend.py | $(VENV)/.ready
	$(BIN)/python -m onehour.frontend
	@touch $@
