# `make run` starts Leadkeeper, `make test` tests it. Only python3 (3.11 or newer, with venv) and make are needed; all else goes into .venv.
# PORT, HOST and DATA_DIR are passed on, as in `make run PORT=9000`. Another interpreter: `make run PYTHON=python3.13`.
PYTHON ?= python3
PIP = $(PYTHON) -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e
SAY = @$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Leadkeeper needs Python 3.11 or newer; name one with PYTHON=…")' && echo

.PHONY: run test install demo check bench chaos package

run: .venv/run.stamp
	.venv/bin/leadkeeper serve

test: install
	.venv/bin/pytest -n auto --dist loadfile

install: .venv/dev.stamp

demo: .venv/run.stamp
	DATA_DIR=$${DATA_DIR:-data/demo} .venv/bin/leadkeeper serve --demo

check: install
	.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports --no-logo && .venv/bin/pytest -q -n auto tests/house

bench: install
	.venv/bin/python -m tests.bench.bench

chaos: install
	.venv/bin/python -m tests.chaos.chaos --db sqlite && .venv/bin/python -m tests.chaos.chaos --db postgres && .venv/bin/pytest -m long

package: install
	.venv/bin/pip wheel --quiet --no-deps --wheel-dir dist .

# The stamps say what is installed: nothing is installed again until pyproject.toml or constraints.txt is newer.
.venv/run.stamp: pyproject.toml constraints.txt
	$(SAY) 'Installing into .venv, about half a minute …'
	@$(PIP) . && touch $@

.venv/dev.stamp: pyproject.toml constraints.txt
	$(SAY) 'Installing into .venv with everything the tests need, about a minute …'
	@$(PIP) '.[dev]' && touch $@ .venv/run.stamp
