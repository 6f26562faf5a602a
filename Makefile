# Everything sets itself up: Python 3.11 and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HOSTILE := tests/test_hostile_*.py tests/test_webhooks_fuzz.py tests/test_message.py tests/test_provider_contract_any.py tests/test_push_ack.py tests/test_twilio_signature.py tests/test_invariants.py

# The tests start hundreds of Pythons: each would compile all of this anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test fuzz faults bench check format browser env lock clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: $(READY) ## send one message through every channel, on this machine
	@$(BIN)/python -m starter demo

faults: $(READY) ## kill everything, again and again, and prove that nothing is lost or doubled (ARGS="--seed 7")
	@$(BIN)/python -m faults $(ARGS)

bench: $(READY) ## measure what a message costs, beside a workflow by hand (ARGS="--size full")
	@$(BIN)/python -m benchmarks $(ARGS)

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -q

fuzz: $(READY) ## the nightly size of the hostile input tests
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 2 --dist worksteal -q $(HOSTILE) $(ARGS)

check: $(READY) ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(READY) ## write the format and the fixes that are safe
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

browser: ## install Chromium for the tests of the handset page (Debian, as root); without it they are skipped
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null)

env: $(READY) ## write a .env for docker compose with the simulator
	@$(BIN)/python -m compose.make_env

lock: ## pin the dependencies anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group run --extra push -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev --extra push -c requirements.lock -o requirements-dev.lock

clean: ## remove what was set up
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(READY): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
