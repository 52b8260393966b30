# What a developer does, one target each. Every target is also one command line: see CONTRIBUTING.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := segrules tests benchmarks rulesets docs setup.py
DEMO := rulesets/online_retail
FUZZ ?= 2

# Where the environment keeps Python from storing compiled modules, each of the many processes would compile them all.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test typed tested test-long test-editors fmt bench docs

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' | while IFS='|' read -r target what; do printf '  %-12s %s\n' "$$target" "$$what"; done

demo: $(VENV)/.installed  ## install, then run the segments of rulesets/online_retail
	$(BIN)/segrules run $(DEMO) --as-of 2011-12-10 --out out/online_retail --overwrite

test: $(VENV)/.installed-dev  ## lint, types, import contract and all tests
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	@$(MAKE) --no-print-directory --jobs=2 typed tested
	@echo "make test: lint, types, import contract and tests are all in order"

# Two jobs side by side: types are checked by one process alone, which leaves the other processors to the tests.
typed:
	$(BIN)/mypy
	$(BIN)/lint-imports

tested:
	$(BIN)/pytest -n auto

test-long: $(VENV)/.installed-dev  ## the property tests with many more generated rules and tables
	SEGRULES_FUZZ=$(FUZZ) $(BIN)/pytest -n auto tests/engine tests/formatter tests/governance tests/proofs tests/reference tests/testing tests/workspace/test_evaluate.py

test-editors: $(VENV)/.installed-dev  ## build the extension for VS Code and test it against the server (needs node 20 and npm)
	cd editors/vscode && npm ci --silent && SEGRULES_PYTHON=$(abspath $(BIN))/python npm test && npm run package

fmt: $(VENV)/.installed-dev  ## format the Python code and mend what ruff can mend
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: $(VENV)/.installed-bench  ## race the engine against Polars, DuckDB, pyarrow and pandas; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

docs: $(VENV)/.installed-dev  ## write the generated pages again
	$(BIN)/python docs/generate.py

# The environment is made once, and again only when the project's dependencies change.
# pip compiles no modules: Python compiles those that are used, a small part of them, when it first loads them.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'segrules needs Python 3.11 or newer; name it like this: make PYTHON=python3.12 demo' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml setup.py | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --no-compile --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --no-compile --group dev
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@
