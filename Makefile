# One place for what one does here. `make` alone lists it.
PYTHON ?= python3
DEMO ?= demo-data
PORT ?= 5006

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help demo test ui check format bench lock docs cov clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

demo: $(INSTALLED)  ## open the demo in a browser (PORT=5006, DEMO=demo-data)
	$(BIN)/annotator demo --dir $(DEMO) --files-only
	@echo "Serving at http://localhost:$(PORT)/annotate - stop with Ctrl+C"
	$(BIN)/panel serve apps/annotate.py --port $(PORT) --show --args $(DEMO)/demo.yaml

# Two files at a time. Status 5: ARGS leave no test there. What came too late in a browser
# on a busy machine is looked at once more, by itself.
PAIRS := -n 2 --dist loadfile

test: $(INSTALLED_DEV)  ## run all tests (ARGS="-k name" for some)
	$(BIN)/python -m pytest $(PAIRS) --ignore=tests/ui $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest $(PAIRS) tests/ui $(ARGS) || [ $$? -eq 5 ] || \
		$(BIN)/python -m pytest tests/ui --last-failed $(ARGS)

ui: $(INSTALLED_DEV)  ## run the browser tests one by one; no browser is a failure
	$(BIN)/python -m pytest --require-ui tests/ui $(ARGS)

check: $(INSTALLED_DEV)  ## format, lint, import direction, types: changes nothing
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

format: $(INSTALLED_DEV)  ## put the code into its format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED_DEV)  ## measure, and print the table of docs/benchmarks.md
	$(BIN)/python benchmarks/report.py

cov: $(INSTALLED_DEV)  ## run the tests without the browser's and show what they miss
	$(BIN)/coverage run -m pytest tests/unit tests/contracts tests/integration $(ARGS)
	$(BIN)/coverage report

docs: $(INSTALLED_DEV)  ## write the reference of the configuration again
	$(BIN)/python scripts/configuration_reference.py

lock: $(INSTALLED_DEV)  ## renew the locked dependencies, in a commit of its own
	$(BIN)/uv pip compile pyproject.toml --group build \
		--output-file requirements.lock $(LOCK)
	$(BIN)/uv pip compile pyproject.toml --group build --extra dev \
		--constraint requirements.lock --output-file requirements-dev.lock $(LOCK)

# One file for all systems and Pythons, with hashes, and without the host it came from.
LOCK := --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --no-header --quiet

clean:  ## remove .venv and what the tools left behind; answers stay
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# The environment: made once, kept, and renewed when a lock or pyproject.toml is newer.
$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/pip
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-build-isolation --no-deps -e .
	@touch $@

$(INSTALLED_DEV): requirements-dev.lock $(INSTALLED)
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }
