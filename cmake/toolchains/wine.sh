#!/bin/sh
# wine.sh program.exe [argument ...]: runs a 64-bit Windows program. What Wine keeps is in WINEPREFIX, or else in the build
# directory that this is called from; nothing of it goes into the user's home.
: "${WINEPREFIX:=$PWD/wine}" "${WINEDEBUG:=-all}" "${WINEDLLOVERRIDES:=winedbg.exe=}" # no debugger when one crashes
export WINEPREFIX WINEDEBUG WINEDLLOVERRIDES
exec /usr/lib/wine/wine64 "$@"
