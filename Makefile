# The whole project from one place. `make help` lists what there is.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup run demo demo-ovn soak lab lab-down packages check test bench bench-ovn migration docs clean

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

$(VENV)/.made: setup.cfg pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer and say PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

setup: $(VENV)/.made ## The project's own virtual environment

run: setup ## Serve the provider alone on 127.0.0.1:9696, data in ./data
	$(BIN)/ovirt-quantum serve

packages: ## Install the Debian packages of the lab (needs root)
	$(PYTHON) -m lab packages

demo: packages setup ## The two-host data centre and its story, then tear down (needs root)
	$(BIN)/python -m lab demo

demo-ovn: packages setup ## The same under OVN: overlays, DHCP, security groups, slow migration (needs root)
	$(BIN)/python -m lab demo --ovn

soak: packages setup ## Twenty slow migrations there and back under OVN, each measured (needs root, 20 minutes)
	$(BIN)/python -m lab soak

lab: packages setup ## The same data centre, left up
	$(BIN)/python -m lab up

lab-down: setup ## Tear down what `make lab` left up
	$(BIN)/python -m lab down

check: setup ## Format, lint, types, who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --config vdsm_hooks/ruff.toml vdsm_hooks
	$(BIN)/ruff check --config vdsm_hooks/ruff.toml vdsm_hooks vdsm_hooks/*/50_ovirt_quantum
	$(BIN)/mypy
	cd vdsm_hooks && ../$(BIN)/mypy --strict ovirt_quantum_host
	$(BIN)/lint-imports

# Files in the order of their names: xdist would keep those of few tests, the long migrations, for the end of one process.
test: ## All that CI runs (needs root)
	$(PYTHON) -m lab packages --tests
	$(MAKE) check
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: setup ## What a port costs, beside 1,000, 5,000 and 10,000 others (`make bench SIZES="1000 50000"`)
	$(BIN)/python -m tests.bench $(SIZES)

bench-ovn: packages setup ## What requests cost with the plugin ovn (needs root)
	$(BIN)/python -m tests.bench.ovn

migration: setup ## Write the schema's next migration: make migration NAME="what changes"
	$(BIN)/python -m ovirt_quantum.store.migrations.make "$(NAME)"

docs: setup ## Write the tables of docs/api.md anew from the declarations
	$(BIN)/python docs/attributes.py

clean: ## Forget the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
