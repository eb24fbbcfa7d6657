# Two commands set up everything: `make demo` shows the main job, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Workflows are loaded anew for each run: without compiled files Python would parse their source each time.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo run test check format lock faults bench screenshots words clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Ordercue needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## the whole way of an order on this machine, from HTTP to the mailbox
	@$(BIN)/ordercue demo

run: $(STAMP) ## the stack in the foreground, data under .ordercue/
	@$(BIN)/ordercue dev

test: $(STAMP) ## the whole suite on real PostgreSQL, Temporal, SMTP and Chromium
	@sh .ci/chromium
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(STAMP) ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP) ## let ruff format and fix what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(STAMP) ## write the lock files anew from pyproject.toml
	@$(BIN)/pip install --quiet uv
	@sh .ci/lock "$(BIN)/uv"

faults: $(STAMP) ## cancels against sends by the thousand, 5000 mails at their rate, workers killed, requests of every route
	@FAULT_RACES=1000 FAULT_MAILS=5000 FAULT_KILLS=$${FAULT_KILLS:-200} $(BIN)/pytest -n0 tests/sending/test_race.py tests/sending/test_rates.py tests/crash
	@FAULT_EXAMPLES=$${FAULT_EXAMPLES:-100} $(BIN)/pytest -n 2 tests/openapi/test_every_route.py
	@FAULT_ROUNDS=$${FAULT_ROUNDS:-50} $(BIN)/pytest -n 2 tests/faults/test_faults.py tests/faults/test_rate.py

bench: $(STAMP) ## figures, each as a ratio to a bare baseline of the same run
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.mails
	@$(BIN)/python -m bench.backtest
	@$(BIN)/python -m bench.decide
	@$(BIN)/python -m bench.sleeping
	@$(BIN)/python -m bench.intake
	@$(BIN)/python -m bench.rfm
	@$(BIN)/python -m bench.attribution
	@$(BIN)/python -m bench.console

screenshots: $(STAMP) ## every page of the console as a picture, in screenshots/
	@sh .ci/chromium
	@$(BIN)/python -m tests.console.screenshots screenshots

words: $(STAMP) ## the texts of the console for translators, in console/locale/
	@$(BIN)/python -m console.catalogue

clean: ## remove what the targets above made
	rm -rf $(VENV) .ordercue .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
