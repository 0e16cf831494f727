# The two commands of the README are `make demo` and `make test`. Each makes its own virtual
# environment under build/ from a committed lock; a machine needs Python 3.11 or newer and no more.

PYTHON ?= python3
MACHINE := $(patsubst aarch64,arm64,$(shell uname -m))
PIP_FLAGS := --quiet --quiet --disable-pip-version-check --no-input
SOURCES := $(shell find dspipe -name '*.py' -o -name py.typed) pyproject.toml README.md

DEMO := build/demo-env
TEST := build/test-env
TEST_BIN := $(abspath $(TEST)/bin)

# What stands for AWS in the tests; each excludes the packages of the others.
AWS := build/aws-env
EMULATOR := build/emulator
RUNTIME := build/runtime-env
SAM := build/sam-env
CHECKOV := build/checkov-env

# Other people's programs that the tests meet: DataRobot's model server, and a notebook in a browser.
DRUM := build/drum-env
LAB := build/lab-env

# Spinning threads of a model take the cores from whatever else runs; see GNU libgomp's manual.
export OMP_WAIT_POLICY := passive

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow format lint types contracts check bench clean

help:
	@echo "make demo    flights of 2013: load, train, predict one day, report"
	@echo "make test    format, lint, types, import contracts, tests, doctests"
	@echo "make test-slow  what takes minutes: whole packages, the example end to end, scanners"
	@echo "make bench   measure against the ordinary ways; minutes; writes benchmarks/results"
	@echo "make clean   remove what the others made"

# --- environments ---------------------------------------------------------------------------------
# Builders first, because one of the packages comes as source and is built with the locked builders.
define make_environment
	@echo "Installing the packages of locks/$(2).txt into $(1), once; about a minute ..."
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'dspipe needs Python 3.11 or newer, this is ' + sys.version)"
	@rm -rf $(1) && $(or $(3),$(PYTHON)) -m venv $(1)
	@$(1)/bin/python -m pip install $(PIP_FLAGS) --require-hashes --no-deps -r locks/build.txt
	@$(1)/bin/python -m pip install $(PIP_FLAGS) --require-hashes --no-deps --no-build-isolation -r locks/$(2).txt
	@touch $@
endef

$(DEMO)/.installed: locks/demo.txt locks/build.txt
	$(call make_environment,$(DEMO),demo)

$(TEST)/.installed: locks/test.txt locks/build.txt
	$(call make_environment,$(TEST),test)

$(AWS)/.installed: locks/aws.txt locks/build.txt
	$(call make_environment,$(AWS),aws)

# The newest Python that AWS runs and this machine has; else our own, whose packages AWS cannot run.
find_runtime = $(shell for minor in 3.13 3.12; do \
	for python in python$$minor ~/.pyenv/versions/$$minor.*/bin/python3 \
	~/.local/share/uv/python/cpython-$$minor.*/bin/python3; do \
	$$python -c "" 2>/dev/null && echo $$python && exit; done; done; echo $(PYTHON))

$(RUNTIME)/.installed: locks/runtime.txt locks/build.txt
	$(call make_environment,$(RUNTIME),runtime,$(find_runtime))

# The emulator is a program inside this wheel, which needs nothing of what the wheel depends on.
$(EMULATOR)/.installed: locks/emulator.txt $(TEST)/.installed
	@rm -rf $(EMULATOR)
	@$(TEST_BIN)/python -m pip install $(PIP_FLAGS) --require-hashes --no-deps --target $(EMULATOR) -r locks/emulator.txt
	@chmod +x $(EMULATOR)/samcli/local/rapid/aws-lambda-rie-*
	@touch $@

$(SAM)/.installed: locks/sam.txt locks/build.txt
	$(call make_environment,$(SAM),sam)

$(CHECKOV)/.installed: locks/checkov.txt locks/build.txt
	$(call make_environment,$(CHECKOV),checkov)

$(DRUM)/.installed: locks/drum.txt locks/build.txt
	$(call make_environment,$(DRUM),drum)

$(LAB)/.installed: locks/lab.txt locks/build.txt
	$(call make_environment,$(LAB),lab)

STAND_INS := $(AWS)/.installed $(RUNTIME)/.installed $(EMULATOR)/.installed

# What is tested and shown is the wheel, as a user installs it, never the folder beside us.
define install_wheel
	@rm -rf build/wheel
	@$(1)/bin/python -m pip wheel $(PIP_FLAGS) --no-deps --no-build-isolation --wheel-dir build/wheel .
	@$(1)/bin/python -m pip install $(PIP_FLAGS) --no-deps --force-reinstall build/wheel/dspipe-*.whl
	@touch $@
endef

$(DEMO)/.wheel: $(DEMO)/.installed $(SOURCES)
	$(call install_wheel,$(DEMO))

$(TEST)/.wheel: $(TEST)/.installed $(SOURCES)
	$(call install_wheel,$(TEST))

# --- the two commands -----------------------------------------------------------------------------
demo: $(DEMO)/.wheel
	@$(DEMO)/bin/python examples/flights/demo.py

test test-slow bench: export DSPIPE_TEST_AWS_PYTHON := $(abspath $(AWS)/bin/python)
test test-slow bench: export DSPIPE_TEST_RUNTIME_PYTHON := $(abspath $(RUNTIME)/bin/python)
test test-slow bench: export DSPIPE_TEST_RIE := $(abspath $(EMULATOR)/samcli/local/rapid/aws-lambda-rie-$(MACHINE))
test-slow: export DSPIPE_TEST_SAM := $(abspath $(SAM)/bin/sam)
test-slow: export DSPIPE_TEST_CHECKOV := $(abspath $(CHECKOV)/bin/checkov)
test-slow: export DSPIPE_TEST_DRUM := $(abspath $(DRUM)/bin/drum)
test-slow: export DSPIPE_TEST_LAB_PYTHON := $(abspath $(LAB)/bin/python)

test: check $(STAND_INS)
	@$(TEST_BIN)/coverage run $(TEST_BIN)/pytest
	@$(TEST_BIN)/coverage run --append $(TEST_BIN)/pytest --doctest-modules --pyargs dspipe
	@$(TEST_BIN)/coverage report

test-slow: $(TEST)/.wheel $(STAND_INS) $(SAM)/.installed $(CHECKOV)/.installed $(DRUM)/.installed \
  $(LAB)/.installed
	@$(TEST_BIN)/pytest -m slow

# --- parts ----------------------------------------------------------------------------------------
check: lint types contracts

format: $(TEST)/.installed
	@$(TEST_BIN)/ruff format
	@$(TEST_BIN)/ruff check --fix

lint: $(TEST)/.wheel
	@$(TEST_BIN)/ruff format --check
	@$(TEST_BIN)/ruff check

types: $(TEST)/.wheel
	@$(TEST_BIN)/mypy
	@$(TEST_BIN)/pyright --pythonpath $(TEST_BIN)/python

contracts: $(TEST)/.wheel
	@$(TEST_BIN)/lint-imports

bench: $(TEST)/.wheel $(STAND_INS)
	@$(TEST_BIN)/python benchmarks/run_all.py

clean:
	@rm -rf build
