#!/usr/bin/env bash
# Builds what is out of date: names generated from verdict.def, TypeScript into build/, the two
# addons into build/Release. `npm run build` and scripts/setup.sh call it.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH

say() { printf 'build: %s\n' "$*"; }

# up_to_date STAMP PATH...: no file below the paths, and no folder (a removal), is newer than STAMP.
up_to_date() {
	local stamp=$1
	shift
	[ -e "$stamp" ] || return 1
	[ -z "$(find "$@" -not -name '*.generated.*' -newer "$stamp" -print -quit)" ]
}

mkdir -p build

if ! up_to_date build/.verdicts-stamp native/datapath/verdict.def scripts/verdicts.mjs; then
	say 'names of verdicts'
	node scripts/verdicts.mjs
	touch build/.verdicts-stamp
fi

if ! up_to_date build/.native-stamp binding.gyp native/*.h native/binding native/control \
	native/datapath native/regex native/sockets; then
	say 'native addons'
	headers=$(scripts/node-headers.sh)
	node-gyp configure build --loglevel=error --jobs=2 ${headers:+--nodedir="$headers"} \
		>build/native.log 2>&1 || { cat build/native.log >&2; exit 1; }
	touch build/.native-stamp
fi

if ! up_to_date build/.typescript-stamp tsconfig.json grammar src bench scripts test; then
	say 'TypeScript'
	rm -rf build/src build/grammar build/test build/bench build/scripts
	tsc -p tsconfig.json
	touch build/.typescript-stamp
fi
