PORT ?= 8000
PYTHON ?= python3
VENV ?= .venv
# So many processes run the tests.
JOBS ?= 2
RELEASES ?= .releases/$(PORT)
BIN = $(VENV)/bin
SOURCES := $(shell find ontology data shapes queries server -type f -not -name '*.pyc' 2>/dev/null)

.PHONY: serve test check fmt docs bench soak durability crawl clients lighthouse screenshots lint assets audit drill lock clean

serve: $(RELEASES)/.built
	@$(BIN)/triplehelix serve $(RELEASES) --port $(PORT)

test: $(VENV)/.tested
	$(BIN)/python -W error -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/.installed
	$(BIN)/triplehelix fmt --check
	$(BIN)/triplehelix check
	$(BIN)/triplehelix docs --check

fmt: $(VENV)/.installed
	$(BIN)/triplehelix fmt

docs: $(VENV)/.installed
	$(BIN)/triplehelix docs

bench: $(VENV)/.installed
	PYTHONPATH=tests $(BIN)/python -m benchmarks $(BENCH)

# The long forms of tests that are short in CI.
soak: $(VENV)/.tested
	KILLS=10000 $(BIN)/python -W error -m pytest tests/test_hostile_kills.py

durability: $(VENV)/.tested
	ROUNDS=1000 PUBLISHES=100 READS=100000 $(BIN)/python -W error -m pytest tests/test_durability.py tests/test_readers.py

crawl: $(VENV)/.tested
	CRAWL=all $(BIN)/python -W error -m pytest tests/test_crawl.py

# Clients of others that are not light: from npm (node), CKAN's reader of catalogues, readers of dumps and tables.
clients: $(VENV)/.tested
	cd tests/clients && npm ci --no-audit --no-fund
	$(PYTHON) -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/clients/requirements.lock
	$(PYTHON) -m venv .venv-readers
	.venv-readers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/clients/readers.lock
	CLIENTS=1 $(BIN)/python -W error -m pytest tests/clients

# What Lighthouse says of main pages; from npm (node), and with Chromium.
lighthouse: $(VENV)/.tested $(RELEASES)/.built
	cd tests/lighthouse && npm ci --ignore-scripts --no-audit --no-fund
	PYTHONPATH=tests $(BIN)/python -m lighthouse.measure $(RELEASES)

# Pictures of main pages for docs/screenshots/; by Chromium and pngquant.
screenshots: $(VENV)/.tested $(RELEASES)/.built
	PYTHONPATH=tests $(BIN)/python -m screenshots $(RELEASES) docs/screenshots

lint: $(VENV)/.tested
	$(BIN)/ruff check

# Asks an index on the network; no part of the tests, which talk to this machine only.
audit: $(VENV)/.tested
	$(BIN)/python tests/audit.py $(wildcard *.lock tests/*/*.lock) $(AUDIT)

# Copies what the pages load that others have written from npm into the package; for a new version, which somebody has read,
# with ASSETS=--accept.
assets:
	$(PYTHON) server/assets/vendor.py $(ASSETS)

# Build, back up, destroy, restore, verify, serve, ask; of the miniature, or DRILL="--project .".
drill: $(VENV)/.tested
	PYTHONPATH=tests $(BIN)/python -m drill $(DRILL)

$(RELEASES)/.built: $(VENV)/.installed $(SOURCES)
	$(BIN)/triplehelix build $(RELEASES) --base http://127.0.0.1:$(PORT)/
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tested: requirements-test.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

LOCK = uv pip compile pyproject.toml --extra editable --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --extra test -c requirements.lock -o requirements-test.lock

clean:
	rm -rf $(VENV) .venv-bench .venv-clients .venv-readers tests/clients/node_modules tests/lighthouse/node_modules .releases dist
