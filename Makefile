# Every target sets up what it needs: `make test` works in a fresh clone.

PYTHON ?= python3
PYTEST_ARGS ?= -n auto

# The models of the tests are small: threads of their own for matrix products would only be in each other's way.
export OPENBLAS_NUM_THREADS := 1

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.raspc-installed
COMPAT_VENV := .venv-compat
COMPAT_STAMP := $(COMPAT_VENV)/.raspc-installed
TRACR_VENV := .venv-tracr
TRACR_STAMP := $(TRACR_VENV)/.raspc-installed
CHECK_VERSION := import sys; sys.exit(sys.version_info < (3, 11))

# An environment works only in the directory that it was made in: the stamp names it.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif
ifneq ($(shell cat $(COMPAT_STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(COMPAT_STAMP)
endif
ifneq ($(shell cat $(TRACR_STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(TRACR_STAMP)
endif

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: $(STAMP) ## Compile the example programs, run them in ONNX Runtime and check their outputs
	@$(BIN)/python examples/demo.py

.PHONY: test
test: lint typecheck ## Run all checks: lint, types and every test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: thorough
thorough: $(STAMP) ## Run every test on all random programs and all of the corpus
	RASPC_THOROUGH=1 $(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: unit
unit: $(STAMP) ## Run the tests except those of tests/filecheck
	$(BIN)/python -m pytest $(PYTEST_ARGS) --ignore tests/filecheck

.PHONY: filecheck
filecheck: $(STAMP) ## Run the tests of tests/filecheck
	$(BIN)/python -m pytest $(PYTEST_ARGS) tests/filecheck

.PHONY: fuzz
fuzz: $(STAMP) ## Compare N random programs with the oracle at every level (N=10000); HUNT=1 for near-ties
	$(BIN)/python -m tests.fuzz.run $(or $(N),10000) $(if $(HUNT),--programs hunt)

.PHONY: mutants
mutants: $(STAMP) ## Change N guards and constants one at a time, and see whether tests notice (N=300, SEED=0, MUTANTS_ARGS=--resume)
	$(BIN)/python -m tests.mutation.run $(or $(N),300) --seed $(or $(SEED),0) $(MUTANTS_ARGS)

.PHONY: hostile
hostile: $(STAMP) ## Let the commands have N damaged files (N=20000)
	$(BIN)/python -m tests.hostile.run $(or $(N),20000)

.PHONY: compat
compat: $(COMPAT_STAMP) ## Test raspc.compat with Tracr and TransformerLens, in an environment of their own
	$(COMPAT_VENV)/bin/python -m pytest tests/unit/compat

.PHONY: tracr
tracr: $(TRACR_STAMP) ## Compare with Tracr: measure what is new or changed, and make docs/tracr-comparison.md
	$(TRACR_VENV)/bin/python benchmarks/tracr_comparison.py
	$(TRACR_VENV)/bin/python -m tests.docs.tracr_comparison

.PHONY: size
size: $(TRACR_STAMP) ## Compare the sizes of models with Tracr's: make docs/size.md and docs/size.svg (SIZE_ARGS=--all)
	$(TRACR_VENV)/bin/python benchmarks/size.py $(SIZE_ARGS)

.PHONY: lint
lint: $(STAMP) ## Check style and format with ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: format
format: $(STAMP) ## Format the code, and mend what ruff can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: typecheck
typecheck: $(STAMP) ## Check types with pyright
	$(BIN)/pyright

.PHONY: install
install: $(STAMP) ## Make .venv with raspc and the development tools; the other targets do it too

.PHONY: clean
clean: ## Remove what was built, cached and installed
	rm -rf $(VENV) $(COMPAT_VENV) $(TRACR_VENV) build dist .hypothesis .pytest_cache .ruff_cache
	find raspc tests examples -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml raspc/_version.py
	@if ! { $(BIN)/python -c 'import pip; $(CHECK_VERSION)' && grep -qF '$(CURDIR)/$(VENV)' $(BIN)/activate; } 2>/dev/null; then \
	  if ! $(PYTHON) -c '$(CHECK_VERSION)' 2>/dev/null; then \
	    echo "raspc needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo 'not there')." >&2; \
	    echo "Name another one: make PYTHON=/path/to/python3 ..." >&2; \
	    exit 1; \
	  fi; \
	  echo 'Making $(VENV) ...'; \
	  rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) || exit 1; \
	fi
	@echo 'Installing raspc and the development tools into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@echo '$(CURDIR)' > $@

# PyTorch is large; with COMPAT_PACKAGES=... one names another version of it, or of the two.
COMPAT_PACKAGES ?= 'tracr-pypi==1.0.*' 'transformer-lens>=4.3,<5' torch

$(COMPAT_STAMP): pyproject.toml raspc/_version.py
	@if ! $(PYTHON) -c '$(CHECK_VERSION)' 2>/dev/null; then \
	  echo "raspc needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3 compat" >&2; \
	  exit 1; \
	fi
	@echo 'Installing raspc, Tracr and TransformerLens into $(COMPAT_VENV) ...'
	@rm -rf $(COMPAT_VENV) && $(PYTHON) -m venv $(COMPAT_VENV)
	@$(COMPAT_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable . 'pytest>=9.0,<10' $(COMPAT_PACKAGES)
	@echo '$(CURDIR)' > $@

$(TRACR_STAMP): pyproject.toml raspc/_version.py
	@if ! $(PYTHON) -c '$(CHECK_VERSION)' 2>/dev/null; then \
	  echo "raspc needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3 tracr" >&2; \
	  exit 1; \
	fi
	@echo 'Installing raspc, Tracr and Matplotlib into $(TRACR_VENV) ...'
	@rm -rf $(TRACR_VENV) && $(PYTHON) -m venv $(TRACR_VENV)
	@$(TRACR_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[benchmarks]' 'tracr-pypi==1.0.*'
	@echo '$(CURDIR)' > $@
