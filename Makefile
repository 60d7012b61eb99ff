# git-wf: one command each to build, show, test, lint and install. GNU make.

PREFIX  ?= $(HOME)/.local
DESTDIR ?=
SWIFT   ?= swift
# What else `swift build` should get, as `-j 1`.
SWIFTFLAGS ?=
# The repository that `make demo` clones: a path or a URL; this one when empty.
REPO    ?=
export REPO
# What `make fuzz` runs, and for how long each.
PARSER  ?= trailers wfconfig todo document cache path intent
SECONDS ?= 60

release = $(SWIFT) build -c release -Xswiftc -static-executable $(SWIFTFLAGS)
debug   = $(SWIFT) build $(SWIFTFLAGS)

bindir  = $(DESTDIR)$(PREFIX)/bin
share   = $(DESTDIR)$(PREFIX)/share
bash    = $(share)/bash-completion/completions/git-wf
zsh     = $(share)/zsh/site-functions/_git-wf
fish    = $(share)/fish/vendor_completions.d/git-wf.fish
manual  = $(share)/man/man1/git-wf.1

.DEFAULT_GOAL := help
.PHONY: help deps build demo test fuzz bench tokens lint install uninstall

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the C libraries that are missing (apt-get, as root or by sudo)
	@.ci/deps

build: ## build the release binary
	$(release) --product git-wf

demo: deps build ## show the main job on a real repository (REPO=path-or-url for another than this one)
	@GIT_WF_BINARY="$$($(release) --show-bin-path)/git-wf" Tests/Demo/demo.sh

# The tests run the binary that is installed: it does in a tenth of the time what one without optimization does.
test: deps build ## run the tests
	$(debug) --build-tests
	GIT_WF_BINARY="$$($(release) --show-bin-path)/git-wf" $(SWIFT) test --skip-build --parallel

fuzz: deps ## run libFuzzer over the parsers, each for SECONDS, from Tests/Fuzz/Seeds (PARSER=trailers for one alone)
	GIT_WF_FUZZ=build $(SWIFT) build -c release --sanitize fuzzer --scratch-path .build/fuzz --product Fuzz
	@set -e; for parser in $(PARSER); do \
		mkdir -p ".build/fuzz/found/$$parser"; \
		echo "$$parser, for $(SECONDS) s"; \
		SWIFT_BACKTRACE=enable=no GIT_WF_FUZZ="$$parser" .build/fuzz/release/Fuzz -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
			-print_final_stats=1 -artifact_prefix=".build/fuzz/$$parser-" ".build/fuzz/found/$$parser" "Tests/Fuzz/Seeds/$$parser"; \
	done

# A copy is measured, as installed: what the linker just wrote lies in the kernel's cache page by page, and starts slower.
bench: deps build ## measure hooks, snapshots, disk use and long lanes beside git in the same run (REPO=path-or-url for a repository of yours)
	@command -v hyperfine >/dev/null || { echo "make bench needs hyperfine: apt-get install hyperfine" >&2; exit 1; }
	@install -D -s -m 755 "$$($(release) --show-bin-path)/git-wf" .build/bench/git-wf
	@set -e; for part in startup.sh snapshots.py disk.py journal.py first_syscall.py; do \
		GIT_WF_BINARY="$(CURDIR)/.build/bench/git-wf" Tests/Bench/$$part; \
	done

tokens: deps build ## compare the token estimate with a real tokenizer (from PyPI), and measure briefs
	$(debug) --build-tests
	@SWIFT='$(SWIFT)' python3 Tests/Tokens/compare.py "$$($(release) --show-bin-path)/git-wf"

# What stands between @ in a hook is filled in when it is installed.
lint: ## check the form of the sources, and that the binary starts without full Foundation
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests hooks templates
	@if command -v shellcheck >/dev/null; then \
		shellcheck --shell=sh --exclude=SC2050 hooks/*.sh && shellcheck .ci/deps .ci/run .ci/no-foundation Tests/Demo/demo.sh Tests/Bench/startup.sh; \
	else echo "shellcheck is not installed: shell scripts were not checked"; fi
	$(debug) --product git-wf
	@.ci/no-foundation "$$($(debug) --show-bin-path)/git-wf"

install: build ## install the binary, its completions and its manual page under PREFIX (~/.local)
	@set -e; \
	built="$$($(release) --show-bin-path)/git-wf"; \
	install -d '$(bindir)' '$(dir $(bash))' '$(dir $(zsh))' '$(dir $(fish))' '$(dir $(manual))'; \
	install -s -m 755 "$$built" '$(bindir)/git-wf'; \
	"$$built" --generate-completion-script bash > '$(bash)'; \
	"$$built" --generate-completion-script zsh > '$(zsh)'; \
	"$$built" --generate-completion-script fish > '$(fish)'; \
	"$$built" manual > '$(manual)'; \
	chmod 644 '$(bash)' '$(zsh)' '$(fish)' '$(manual)'; \
	echo "installed $(bindir)/git-wf, completions for bash, zsh and fish, and git-wf(1)"; \
	case ":$$PATH:" in \
	*':$(PREFIX)/bin:'*) ;; \
	*) echo "$(PREFIX)/bin is not on PATH, so git does not find it yet: export PATH=\"$(PREFIX)/bin:\$$PATH\"" ;; \
	esac

uninstall: ## remove what install put there
	rm -f '$(bindir)/git-wf' '$(bash)' '$(zsh)' '$(fish)' '$(manual)'
