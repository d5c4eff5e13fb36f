# The two commands of this project are `make demo` and `make test`; the rest is for who works on it.
# The distribution's Python is compiled with profiles; one that pyenv compiled without takes a fifth longer to start a program.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys, venv; assert sys.version_info >= (3, 11); print(sys.executable)' 2>/dev/null || echo python3)
BIN := .venv/bin
JOBS ?= 4
# Where this is set (many images of containers do), each `up` of a test compiles 180 modules anew: a seventh of its time.
export PYTHONDONTWRITEBYTECODE :=
DEMO_ARGS := $(if $(CONTEXT),--context $(CONTEXT)) $(if $(filter 0 no,$(GATEWAY)),--no-gateway)

.PHONY: demo test test-wide test-oldest test-backends coverage walk shapes traffic peers fuzz bench bench-growth bench-fleet bench-canary lint format up down lock schema dist clean
.DEFAULT_GOAL := demo

.venv/.installed: requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: apt-get install python3 python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment: apt-get install python3-venv"; exit 1; }
	@echo "installing the pinned packages into .venv"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip -q
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

demo: .venv/.installed ## a gated cutover, a rolling update and a canary, under traffic; GATEWAY=0 builds no gateway
	@$(BIN)/python -m demo $(DEMO_ARGS)

SIDE_BY_SIDE := $(BIN)/pytest -n $(JOBS) --dist load --maxschedchunk 1

# The engine and the cluster of the tests have memory to spare: they look for garbage a third as often.
test test-wide test-oldest: export GOGC := 300

test: lint ## everything that must hold, JOBS tests at a time; brings up the sandbox's cluster and ends it again
	@$(SIDE_BY_SIDE) -m "not wide" $(ARGS)

test-wide: lint ## the same in every variety: each kind of workload, process that is killed, form of credentials, example
	@$(SIDE_BY_SIDE) $(ARGS)

test-oldest: .venv/.installed ## the life cycles on the oldest Pulumi CLI that can be built
	@CUTOVER_PULUMI=oldest $(SIDE_BY_SIDE) -m "not wide" tests/lifecycle $(ARGS)

test-backends: .venv/.installed ## states in PostgreSQL (the machine's package) and in an S3-compatible store (built once)
	@$(BIN)/pytest tests/lifecycle/backends $(ARGS)

walk: .venv/.installed ## one long walk through the states of a release (docs/states.md): SEED=7 STEPS=400 VARIETY=labels
	@WALK_SEED=$(or $(SEED),7) WALK_STEPS=$(or $(STEPS),300) WALK_VARIETY=$(or $(VARIETY),deployment) \
		$(BIN)/pytest tests/lifecycle/test_states.py -o timeout=0 $(ARGS)

shapes: .venv/.installed ## the lives of workloads of many shapes, stand-ins for images; FOLDER=manifests runs those, ARGS="-k words" selects
	@SHAPES="$(if $(FOLDER),$(abspath $(FOLDER)))" $(SIDE_BY_SIDE) -rs tests/lifecycle/test_shapes.py $(ARGS)

traffic: .venv/.installed ## every kind of release and of fault under load, on a cluster of its own; K="words" selects
	@$(BIN)/python -m traffic $(if $(K),-k "$(K)") $(ARGS)

peers: .venv/.installed ## the same releases by this project and by others (docs/peers.md); K="words" selects
	@$(BIN)/python -m peers $(if $(K),-k "$(K)") $(ARGS)

fuzz: .venv/.installed ## 100,000 inputs that are nearly good, for what reads config, files and references; CASES=n, SEED=n
	@$(BIN)/python -m tests.fuzz $(or $(CASES),100000) $(SEED)

coverage: .venv/.installed ## which branches the tests without a cluster take; no gate
	@env -u KUBECONFIG $(SIDE_BY_SIDE) -p pytest_cov --cov --cov-report=term:skip-covered tests/unit tests/components $(ARGS)

lint: .venv/.installed
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary .

bench: .venv/.installed ## times of `up`, `preview`, a cutover and a rollback, beside programs that do less
	@$(BIN)/python -m bench

bench-growth: .venv/.installed ## by the number of services in a stack, on a cluster of its own: 1, 10, 50; SERVICES=n; ARGS=--group
	@$(BIN)/python -m bench --part growth $(if $(SERVICES),--services $(SERVICES)) $(ARGS)

bench-fleet: .venv/.installed ## one command on many stacks of one service each, on a cluster of its own; STACKS=20
	@$(BIN)/python -m bench --part fleet $(if $(STACKS),--stacks $(STACKS))

bench-canary: .venv/.installed ## a step of a canary by each router, beside an `up` with nothing to do
	@$(BIN)/python -m bench --part canary

format: .venv/.installed
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

up: .venv/.installed ## the sandbox: cluster and Pulumi engine
	@$(BIN)/python -m sandbox up

down: .venv/.installed
	@$(BIN)/python -m sandbox down

schema: .venv/.installed ## the JSON Schema of the stack config, from the models
	@$(BIN)/python -m components.stack.schema --write

lock: .venv/.installed ## requirements*.txt from requirements*.in
	@for set in "" -dev -build -release; do \
		$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-find-links --no-emit-index-url --no-header \
			--python-version 3.11 requirements$$set.in -o requirements$$set.txt; done

dist: .venv/.installed ## the wheel and the sdist, into dist/; what builds them is pinned by hash
	@$(BIN)/uv build --quiet --clear --build-constraints requirements-build.txt --require-hashes

clean: down
	rm -rf .sandbox dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
