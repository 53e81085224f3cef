#!/bin/sh
# usage: written.sh PROGRAM DIRECTORY
#
# Lets the ringbuf command write its man pages and its completion for three shells.
set -eu
program=$1 directory=$2
rm -rf "$directory"
mkdir -p "$directory/man/man1" "$directory/bash" "$directory/zsh" "$directory/fish"
"$program" help --man >"$directory/man/man1/ringbuf.1"
for command in $("$program" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  "$program" help --man "$command" >"$directory/man/man1/ringbuf-$command.1"
done
"$program" completion bash >"$directory/bash/ringbuf"
"$program" completion zsh >"$directory/zsh/_ringbuf"
"$program" completion fish >"$directory/fish/ringbuf.fish"
touch "$directory/made"
