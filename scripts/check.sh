#!/usr/bin/env bash
# Everything that reads the code without running it: types, format, lint, layers, C format.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH

say() { printf 'check: %s\n' "$*"; }

say 'types'
tsc -p tsconfig.json --noEmit
say 'types of the pure folders (no Node, no DOM)'
tsc -p tsconfig.pure.json
say 'format and lint (Biome)'
biome ci --error-on-warnings .
say 'lint with types (ESLint)'
eslint --max-warnings=0 .
say 'format of C and C++'
git ls-files -z 'native/*.c' 'native/*.h' 'native/*.cc' |
	xargs -0r clang-format-14 --dry-run --Werror
say 'shell scripts parse'
git ls-files -z '*.sh' .ci/run | xargs -0rn1 bash -n
say 'clean'
