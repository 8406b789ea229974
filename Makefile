# make run          the demonstration; needs Python 3.11 or later, nothing else
# make test         the whole suite; on Debian, root gets what it lacks (Chromium, nodejs, postgresql, ...)
# make long         the tests that take minutes
# make faults       of these, the faults: servers, databases and networks that die, hundreds of times
# make lint         style, imports and types alone
# make lock         new pins for what pyproject.toml asks; UPGRADE=--upgrade takes the newest of everything
# make migrations   new migrations for what changed in the models; NAME=voting for one package

.DEFAULT_GOAL := help
.PHONY: help install run test suite lint style types long faults lock migrations system
.SHELLFLAGS := -euc
.DELETE_ON_ERROR:

export PYTHONDONTWRITEBYTECODE :=  # a hundred processes of a run read what the first of them compiled

BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/pytest -n 3 --dist worksteal  # on two cores, for many tests wait: for a server, a browser, a disk

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

install: $(RUNTIME)

run: $(RUNTIME)
	$(BIN)/deliberate demo

# Types are checked beside the tests: one process, when the tests have not begun to fill both cores.
test: $(DEV) system style
	+$(MAKE) --no-print-directory -j 2 types suite

suite:
	if command -v node >/dev/null; then \
	  scripts=$$(find tests/static -name '*test*.js' -o -name '*test*.mjs' 2>/dev/null || true); \
	  if [ -n "$$scripts" ]; then node --test $$scripts; fi; \
	elif [ -n "$${CI:-}" ]; then echo "The tests of static/ need Node.js." >&2; exit 1; \
	else echo "No Node.js here: the tests of static/ are left out." >&2; fi
	$(PYTEST)

long: $(DEV) system
	$(PYTEST) -m long

faults: $(DEV) system
	$(PYTEST) -m long tests/faults

lint: style types

style: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(DEV)
	$(BIN)/mypy

# Both install into one .venv; the runtime needs only its own lock.
$(RUNTIME): requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install -q --require-hashes -r requirements.lock
	$(PIP) install -q --no-deps --no-build-isolation --no-index -e .
	touch $@

# A tenth of pip's time; pip where only its settings know the way to the packages.
$(DEV): requirements-dev.lock requirements.lock pyproject.toml | .venv/bin/python
	awk '/^[^ ]/ {wanted = /^uv==/} wanted' requirements-dev.lock >.venv/uv.lock
	$(PIP) install -q --no-deps --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock \
	  || $(PIP) install -q --require-hashes -r requirements-dev.lock
	$(PIP) install -q --no-deps --no-build-isolation --no-index -e .
	touch $@ $(RUNTIME)

# That of the system first: it is built with its profile, and saves a tenth of the time of most others.
.venv/bin/python:
	@system=$$(/usr/bin/python3 -c 'import ensurepip' 2>/dev/null && echo /usr/bin/python3) || true; \
	python=; for name in $(PYTHON) $$system python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Deliberate needs Python 3.11 or later; name it with PYTHON=..." >&2; exit 1; fi; \
	"$$python" -m venv .venv || { rm -rf .venv; \
	  echo "$$python cannot make a virtual environment (Debian: apt-get install python3-venv)." >&2; exit 1; }

# What pip cannot install. PostgreSQL: tests/support/postgres_server.py uses a running server or starts one.
system:
	@missing=; \
	[ -x /usr/bin/chromium-headless-shell ] || [ -x /usr/bin/chromium ] || missing="$$missing chromium-headless-shell"; \
	[ -n "$$(fc-list 2>/dev/null | head -n 1)" ] || missing="$$missing fontconfig fonts-dejavu-core"; \
	command -v node >/dev/null || missing="$$missing nodejs"; \
	command -v strace >/dev/null || missing="$$missing strace"; \
	command -v redis-server >/dev/null || command -v valkey-server >/dev/null || missing="$$missing redis-server"; \
	[ -n "$${DELIBERATE_TEST_POSTGRES:-}" ] || command -v initdb >/dev/null \
	  || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	[ -n "$$missing" ] || exit 0; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update && install() { apt-get -qq install -y --no-install-recommends "$$@" >/dev/null; } \
	    && { install $$missing || install $$(echo "$$missing" | sed s/chromium-headless-shell/chromium/); } \
	    || echo "Could not install$$missing: the tests that need them will fail." >&2; \
	else echo "The tests miss:$$missing (these are the names of Debian's packages)." >&2; fi

# No address may stand in a lock, and the files are those of PyPI whatever this machine is set to. Extras stay in the
# pins: an older pip takes the newest release for `name[extra]` when only `name` is pinned, and then refuses its hash.
COMPILE := env -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
  $(BIN)/uv --no-config pip compile pyproject.toml -q --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-strip-extras --custom-compile-command 'make lock'

lock: | $(DEV)
	$(COMPILE) --extra postgres --extra redis --extra build -o requirements.lock $(UPGRADE)
	$(COMPILE) --all-extras -c requirements.lock -o requirements-dev.lock $(UPGRADE)
	! grep -n '://' requirements.lock requirements-dev.lock

migrations: $(DEV)
	$(BIN)/python -m tests.support.migrations $(NAME)
	$(BIN)/ruff check -q --fix deliberate/*/migrations
	$(BIN)/ruff format -q deliberate/*/migrations
