#!/usr/bin/env bash
# Prints the folder that holds include/node/node_api.h, so that nothing has to be fetched to build
# the addons; nothing when this Node.js came without its headers (node-gyp then fetches them).
set -euo pipefail
prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
if [ -e "$prefix/include/node/node_api.h" ]; then echo "$prefix"; fi
