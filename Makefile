# make run | test | check | cases | bench | screenshots. Everything lands in .venv; a second call starts at once.

# The first Python that is new enough; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	path=$$(command -v $$name) && "$$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$path" && break; done)

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOPED := $(VENV)/.developed

.PHONY: run test check cases bench screenshots clean
.DEFAULT_GOAL := run

run: $(INSTALLED)
	@if [ -t 0 ] && [ -t 1 ]; then \
		exec $(BIN)/pi-tui; \
	else \
		echo "This is no terminal: a short demonstration instead of the laboratory." >&2; \
		exec $(BIN)/pi-tui run python numba-nogil --samples 1e6 --repeat 3 --format table; \
	fi

# Three at a time, a file each: much of a test's time is waiting, and none minds a busy machine.
test: $(DEVELOPED)
	$(BIN)/python -m pytest -n $(or $(JOBS),3) --dist loadfile $(TESTS)

check: $(DEVELOPED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Programs as people have them, at their full size: what is said of each, three times on the machine as it is, and three times
# beside two busy loops. Takes half an hour.
cases: $(DEVELOPED)
	PI_TUI_CASE_TIMES=3 $(BIN)/python -m pytest -q tests/contract/test_wild_cases.py $(if $(CASE),-k $(CASE))

# What the kernels do, and what the laboratory costs against doing without; wants a quiet machine and a quarter of an hour.
# make bench BENCH=lanes JSON=lanes.json runs one part (`pi-tui manual developing` names them), and keeps everything in a file.
bench: $(INSTALLED)
	$(BIN)/python -m tests.benchmarks $(if $(JSON),--json $(JSON)) $(BENCH)

screenshots: $(DEVELOPED)
	$(BIN)/python screenshots/take.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/pyvenv.cfg:
	@[ -n "$(PYTHON)" ] && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "pi-tui needs Python 3.11 or newer; make PYTHON=/path/to/python says where one is." >&2; exit 1; }
	@echo "Making the environment with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "This Python makes no environments (on Debian and Ubuntu: install python3-venv)." >&2; exit 1; }

$(INSTALLED): pyproject.toml $(VENV)/pyvenv.cfg
	@echo "Installing pi-tui and what it needs"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# Dependency groups came with pip 25.1.
$(DEVELOPED): $(INSTALLED)
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@
