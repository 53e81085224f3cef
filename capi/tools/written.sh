#!/bin/sh
# usage: written.sh PROGRAM DIRECTORY
#
# Lets `ringbuf`, or an extension of it, write its man pages, and its completion for three shells if it has one.
set -eu
program=$1 directory=$2
name=$(basename "$program")
rm -rf "$directory"
mkdir -p "$directory/man/man1" "$directory/bash" "$directory/zsh" "$directory/fish"
"$program" help --man >"$directory/man/man1/$name.1"
for command in $("$program" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  "$program" help --man "$command" >"$directory/man/man1/$name-$command.1"
  [ "$command" = completion ] || continue
  "$program" completion bash >"$directory/bash/ringbuf"
  "$program" completion zsh >"$directory/zsh/_ringbuf"
  "$program" completion fish >"$directory/fish/ringbuf.fish"
done
touch "$directory/made"
