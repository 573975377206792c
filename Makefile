# Thin: the set-up is build/bootstrap.py, the checks are configured in pyproject.toml.
PYTHON ?= python3
BIN := .venv/bin
# The recipes of packages are modules of build/.
RECIPE := PYTHONPATH=build $(BIN)/python -m
ARGS ?=

.PHONY: flash-sale simulate torture run test setup lint types demo bench screenshots lock dev deb bundle release mobile

run: ## start the app; ARGS="--browser" and the like
	@$(PYTHON) build/bootstrap.py run $(ARGS)

test: ## run the tests; ARGS="-k ledger" and the like
	@$(PYTHON) build/bootstrap.py test $(ARGS)

setup: ## make .venv, and nothing more
	@$(PYTHON) build/bootstrap.py setup

dev:
	@$(PYTHON) build/bootstrap.py setup --dev

lint: dev ## style, format and the import arrows
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/lint-imports

types: dev ## mypy, strict
	$(BIN)/mypy

demo: dev ## a story of two devices, told as it happens
	$(BIN)/python -m tests.demo $(ARGS)

bench: dev ## the benchmarks
	$(BIN)/python -m tests.benchmarks $(ARGS)

flash-sale: dev ## 100 units, 1,000 buyers, a flapping network, each policy; ARGS="escrow" and the like
	$(BIN)/python -m tests.flash_sale $(ARGS)

lock: ## write the lock files anew; ARGS="--upgrade" for newer versions
	@$(PYTHON) build/bootstrap.py lock $(ARGS)

screenshots: dev ## the pictures of the documentation
	$(BIN)/python -m tests.screenshots $(ARGS)

deb: dev ## the Debian package, in dist/
	$(RECIPE) deb.make_deb

bundle: dev ## a self-contained program for this machine, in dist/
	$(RECIPE) bundle.make_bundle

simulate: dev ## whole worlds with every fault, from a seed; RUNS=20 SEED=0
	$(BIN)/python -m tests.simulation --runs $(or $(RUNS),20) --seed $(or $(SEED),0)

release: dev ## build twice, compare, try where nothing is installed; ARGS="--rehearse"
	$(RECIPE) release.make_release $(ARGS)

torture: dev ## worlds and kill points in any number; ARGS="--worlds 2000 --kills 500"
	$(BIN)/python -m tests.torture $(ARGS)

mobile: dev ## the app for phones and tablets, where its tools are; TARGET=apk, aab or ipa
	$(RECIPE) mobile.make_mobile $(or $(TARGET),apk)
