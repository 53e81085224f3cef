#!/bin/sh
# LuaJIT's parser reads the header as the C preprocessor leaves it: header.lua.
set -eu
for tool in luajit cc; do
  if ! command -v "$tool" >/dev/null; then
    echo "SKIPPED: no $tool"
    exit 77
  fi
done
exec luajit "$(dirname "$0")/header.lua"
