# Two commands do all set-up themselves: `make report` and `make test`. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SOURCE ?=
DRY ?=
URL ?=
SEED ?=
EDITIONS ?= 2011 2018
SET ?= oslo_bydeler
YEAR ?=

.DEFAULT_GOAL := report
.PHONY: report test test-slurm trials coverage check power floors fetch renew areas site data read-back bundle compare bench lint lock clean help

report: $(READY)  ## build the appendix: report/<edition>/appendix.html and .pdf
	@$(BIN)/snakemake --quiet all

test: $(READY)  ## run the tests
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-slurm: .venv-slurm/.ready  ## run fifteen areas on Debian's Slurm, all of it on this machine (root, slurm-wlm)
	@$(BIN)/python -m pytest -m slurm

trials: $(READY)  ## run the tests that take minutes: builds killed at many moments, the documentation to the letter, the suite after a fetch
	@$(BIN)/python -m pytest -m slow

coverage: $(READY)  ## run the tests and name the branches none of them takes; fails below the floor of pyproject.toml
	@$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term-missing:skip-covered \
		--deselect tests/test_regions.py::test_loading_is_quick

check: $(READY)  ## compare every printed number with the rebuilt one; fails on an unexplained difference
	@$(BIN)/groruddalen-stats check

power: $(READY)  ## plant errors one at a time, count which of them the check sees, and record it (SEED=2011)
	@$(BIN)/groruddalen-stats power $(if $(SEED),--seed $(SEED))
	@$(BIN)/groruddalen-stats readme

floors: $(READY)  ## record how many cells are computed today; fewer than recorded fails the check
	@$(BIN)/groruddalen-stats floors

fetch: $(READY)  ## fetch the live tables (all, or SOURCE=oslo_sto013; DRY=1 keeps nothing); the only target that asks a statistics service
	@$(BIN)/groruddalen-stats fetch $(SOURCE) $(if $(DRY),--dry-run)

renew: $(READY)  ## fetch, then bring tables and floors up to date and hold the new figures against suite and check
	@.ci/renew

areas: $(READY)  ## build a report of each area of a set and a page that ranks them (SET=oslo_bydeler YEAR=2024)
	@$(BIN)/snakemake areas --config set=$(SET) $(if $(YEAR),year=$(YEAR))

site: $(READY)  ## build what config/site.yaml names, in both languages, and a front page: site/index.html (URL=where it will be)
	@$(BIN)/groruddalen-stats site $(if $(URL),--url "$(URL)")

data: $(READY)  ## put the data of all built reports together, with a codebook and an archive to deposit: report/data/
	@$(BIN)/groruddalen-stats takeaway

read-back: $(READY)  ## look up every number of every built report in each of its files
	@$(BIN)/groruddalen-stats read-back

bundle:  ## write code, raw files and packages into one file that builds without a network: dist/
	@PYTHON="$(PYTHON)" .ci/bundle

compare: $(READY)  ## set years or areas side by side (EDITIONS="2011 2018", EDITIONS="sagene frogner --year 2024")
	@$(BIN)/groruddalen-stats compare $(EDITIONS)

bench: $(READY)  ## print the ratios of time and memory the project is held to
	@$(BIN)/python -m benchmarks

lint: $(READY)  ## style, types, the floors of the package and the table of README.md
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/groruddalen-stats readme --check

lock:  ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-emit-index-url --no-annotate \
		--no-header --quiet --upgrade --custom-compile-command "make lock" -o requirements.lock

clean:  ## remove everything that is built; raw files stay
	rm -rf data/processed figures report site dist .snakemake benchmarks/results

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

# uv is used when it is there; python3 with pip does the same, and is asked when uv cannot reach the index.
# The executor has an environment of its own on top of the other: in that it would slow every start of Snakemake.
.venv-slurm/.ready: $(READY)
	@$(BIN)/python -m venv --clear .venv-slurm
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
		> $$(.venv-slurm/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/below.pth
	@.venv-slurm/bin/python -m pip install --quiet --disable-pip-version-check 'snakemake-executor-plugin-slurm>=2.8,<3'
	@touch $@

$(READY): requirements.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1 && \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
		uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; then :; else \
		$(PYTHON) -m venv --clear .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ; \
	fi
	@$(BIN)/python -m compileall -q src
	@touch $(READY)
