# Everything one does with this house. Needs make and Python 3.11 or newer; the rest installs itself
# into .venv, at the versions of constraints.txt. Changes take effect without installing again.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:

# The first Python that is new enough; the first version we test with is asked first.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$python"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2
USERS ?= 100000
MINUTES ?= 15
PEOPLE ?= 1000000
DAY ?= 1000
SOAK ?= 900
EXAMPLES ?= 500
GUESTS ?= 300
EXAMPLE := examples/online_retail
OUT := build/online_retail
CUSTOMER ?= 12456

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.PHONY: help demo test check format lint types imports docs peers others bench fuzz guests erasures year seams load kills keeping crowd day soak lock clean

help:  ## Print this
	@echo "make demo    replay a year of real orders, then tell one customer's story"
	@echo "make test    run the tests"
	@echo "make check   format, lint, types and imports, then the tests"
	@echo "make bench   measure against the floor (USERS=5000 for a quick look)"
	@echo "make peers   install what make bench compares us with"
	@echo "make others  install Postfix and a push service, and hold our messages against them"
	@echo "make fuzz    look for files that break the language (MINUTES=60 for longer), and for lives"
	@echo "             that break a promise (EXAMPLES=5000 for more)"
	@echo "make load    put a million people and a burst on a daemon, and count (PEOPLE=50000 for fewer)"
	@echo "make soak    everything that takes too long for every day"
	@echo "make format  put the code into its canonical form"
	@echo "make docs    write the parts of the README again that are made from the code"
	@echo "make lock    resolve the newest dependencies and pin them in constraints.txt"
	@echo "make clean   remove everything that was made here, .venv included"

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Wayline needs Python 3.11 or newer, and found none: install it, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version): once, about a minute ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python is here without its venv module: on Debian and Ubuntu, install python3-venv" >&2; exit 1; }
	@$(PIP) install --constraint constraints.txt hatchling editables setuptools wheel
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@
	@echo "Ready."

demo: $(READY)  ## The main job, on a year of real orders
	@$(BIN)/wayline simulate $(EXAMPLE) --out $(OUT)
	@echo
	@$(BIN)/wayline why $(CUSTOMER) --from $(OUT)

test: $(READY)  ## The tests
	@$(BIN)/python -m pytest -q -n $(WORKERS)

check: lint types imports test  ## What CI runs

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

lint: $(READY)
	@echo "== format and lint"
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; echo "make format puts this right" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

types: $(READY)
	@echo "== types"
	@$(BIN)/mypy --no-error-summary

imports: $(READY)
	@echo "== imports"
	@$(BIN)/lint-imports --no-logo

docs: $(READY)
	@$(BIN)/python -m tests.papers
	@$(BIN)/wayline openapi | $(BIN)/python clients/python/generate.py

peers: $(READY)  ## What make bench compares us with: Celery with Redis, DBOS, Procrastinate
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev,peers]'

others: $(READY)  ## Programs of others that tests hold us against: Postfix (as root), four packages for Node
	@command -v npm >/dev/null 2>&1 && npm install --silent --no-fund --no-audit --prefix build/peers web-push-testing@1.2.2 sms-segments-calculator@1.3.0 \
		@segment/analytics-node@3.1.0 @segment/analytics-next@1.84.3 \
		|| echo "No npm here: install Node 20 or newer for the tests of Web Push, of SMS and of sending events" >&2
	@command -v postfix >/dev/null 2>&1 || [ "$$(id -u)" != 0 ] || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postfix; } >/dev/null 2>&1 \
		|| echo "Postfix could not be installed" >&2
	@$(BIN)/pytest -q -m peers

bench: $(READY)  ## Ratios measured in one run
	@$(BIN)/python -m benchmarks --users $(USERS)

fuzz: $(READY)  ## Files as nobody would write them, then lives as nobody would live them
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES)
	@WAYLINE_TEST_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -q tests/proof

erasures: $(READY)  ## All 4,372 customers of the Online Retail orders erased while a daemon works, and looked for everywhere
	@WAYLINE_TEST_ERASURES=4372 $(BIN)/pytest -q -s tests/soak/test_erasures.py

year: $(READY)  ## The year of all 4,372 customers of the Online Retail orders, and what must hold for every message of it
	@WAYLINE_TEST_YEAR=1 $(BIN)/pytest -q tests/examples/test_year.py

guests: $(READY)  ## Everything that the API's document allows, and much that it does not: some minutes
	@WAYLINE_TEST_GUESTS=$(GUESTS) $(BIN)/pytest -q tests/engine/api/v1/test_schemathesis.py

keeping: $(READY)  ## Letting go at any moment of what is over, in many lives
	@WAYLINE_TEST_KEEPING=500 $(BIN)/pytest -q tests/engine/test_keeping.py

seams: $(READY)  ## Dying at every seam there is, one after the other: half an hour
	@WAYLINE_TEST_EVERY_SEAM=1 $(BIN)/pytest -q tests/engine/test_seams.py tests/engine/test_learning_seams.py \
		tests/engine/test_postgres_seams.py

load: $(READY)  ## A million people, a burst, and what a daemon makes of them: a quarter of an hour
	@$(BIN)/python -m tests.soak.load --people $(PEOPLE)

kills: $(READY)  ## Killing everything at random under load, on each store; told in build/soak/told
	@WAYLINE_TEST_SOAK=$(SOAK) $(BIN)/pytest -q -s tests/soak/test_kills.py

crowd: $(READY)  ## A campaign for 50,000 amid whoever misbehaves, three dispatchers
	@WAYLINE_TEST_CROWD=50000 $(BIN)/pytest -q tests/engine/dispatcher/test_crowd.py

day: $(READY)  ## A day of a thousand people on four channels amid six providers that misbehave, on each store
	@WAYLINE_TEST_DAY=$(DAY) $(BIN)/pytest -q -s tests/day

soak: seams load kills keeping crowd day guests erasures year fuzz  ## What takes too long for every day

lock:
	@rm -rf build/lock
	@echo "Resolving ..."
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip --quiet --disable-pip-version-check install --upgrade hatchling editables setuptools wheel
	@build/lock/bin/python -m pip --quiet --disable-pip-version-check install --upgrade --no-build-isolation --editable '.[dev,peers]'
	@{ echo "# Written by make lock: the versions that make check was last green with."; \
	   build/lock/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools --exclude wheel; } > constraints.txt
	@rm -rf build/lock
	@echo "constraints.txt is new. Run make check before you commit it."

clean:
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
