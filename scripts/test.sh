#!/usr/bin/env bash
# Runs every test, or the files given, and closes with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
tap run --reporter=tap "$@" | node scripts/closing-line.mjs
