#!/bin/sh
# exchange.sh A B: runs the programs A and B, builds of exchange.cpp for two machines, against each other. Each may be a
# command with arguments (an emulator).
set -eu
a=$1 b=$2
name=exchange-$$
trap 'rm -f /dev/shm/"$name".*' EXIT

for pair in "$a|$b" "$b|$a"; do
  one=${pair%|*} other=${pair#*|}
  $one keep "$name.kept"
  $other check "$name.kept"
  $one produce "$name.stream" 50000 &
  producer=$!
  $other consume "$name.stream" 50000
  wait "$producer"
done
[ ! -e /dev/shm/"$name.kept" ] && [ ! -e /dev/shm/"$name.stream" ]
