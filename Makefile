# Needs only Python 3.11+ and make: everything else goes into .venv, from pinned requirements.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: venv certify prove steady figures test hostile test-clouds test-openstack lint bench \
	fuzz fuzz-server histories schemas sample pins clean

venv: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q tck  # as pip does with what it copies
	@touch $(STAMP)

certify: venv  ## the kit against the embedded reference server, report in reports/
	$(BIN)/deltacloud-tck run -n 2 --report-dir reports $(ARGS)

prove: venv  ## servers that are wrong on purpose, and others that are unusual but right
	$(BIN)/deltacloud-tck prove $(ARGS)

steady: venv  ## 50 runs with 50 seeds: one verdict
	$(BIN)/python scripts/same-verdict $(ARGS)

figures: venv  ## the same, and the figures kept in the kit for its reports
	$(BIN)/deltacloud-tck prove --ship $(ARGS)

test: venv  ## the project's own tests, without those of the next target
	$(BIN)/python -m pytest tests --ignore=tests/hostile -n 2 $(ARGS)

hostile: venv  ## the kit against hostile endpoints (docs/hostile.md)
	$(BIN)/python -m pytest tests/hostile -n 4 --maxschedchunk 1 $(ARGS)

test-clouds: venv  ## bridges by the whole kit: moto, and libvirt where it is installed
	$(BIN)/python scripts/prove-cloud moto $(ARGS)
	$(BIN)/python scripts/prove-cloud libvirt $(ARGS) || test $$? -eq 77

test-openstack: venv  ## the same for Swift, from Debian's packages (docs/clouds.md)
	$(BIN)/python scripts/prove-cloud swift $(ARGS) || test $$? -eq 77

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci ci/*.gitlab-ci.yml

bench: venv  ## ratios, never pass or fail
	$(BIN)/python -m benchmarks $(ARGS)

fuzz: venv  ## a hundred thousand almost right inputs for everything that the kit reads
	PYTHONPATH=tests $(BIN)/python -m fuzz $(ARGS)

fuzz-server: venv .venv/fuzz  ## thousands of made-up requests against the reference server
	$(BIN)/python -m benchmarks fuzz $(ARGS)

# In an environment of its own, because it would be loaded by every pytest.
.venv/fuzz:
	$(PYTHON) -m venv .venv/fuzz
	.venv/fuzz/bin/python -m pip install --quiet --disable-pip-version-check \
	    schemathesis==4.32.5 openapi-core==0.23.1

histories: venv  ## ten thousand histories of requests at once at the reference server
	PYTHONPATH=tests $(BIN)/python -m checks.histories $(ARGS)

schemas: venv  ## what is derived from the formal description and the catalogue
	$(BIN)/python -m tck.schemas.generate
	$(BIN)/python -m tck.requirements.sources_page

sample: venv  ## the report of the recorded traffic of the original
	rm -rf reports/sample
	$(BIN)/deltacloud-tck validate tests/recordings/*.jsonl --report-dir reports/sample >/dev/null || test $$? -eq 1

pins: venv  ## renew requirements.txt
	$(BIN)/pip-compile --quiet --strip-extras --extra dev --no-header --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host --upgrade -o requirements.txt pyproject.toml

clean:
	rm -rf .venv
