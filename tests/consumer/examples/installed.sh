#!/bin/sh
# Installs the Debian packages beside it in a system that has nothing else, one after the other, and uses each. As root.
set -eu
cd "$(dirname "$0")"
apt() { apt-get -o Acquire::Retries=5 --yes --no-install-recommends "$@"; }
apt update

apt install ./libringbuf1_*.deb ./python3-ringbuf_*.deb
python3 -c "import ringbuf
with ringbuf.Writer('hello', item_size=4, capacity=64) as writer, ringbuf.Reader('hello') as reader:
    writer.push(b'four')
    assert bytes(reader.pop()) == b'four'"

apt install ./ringbuf-tools_*.deb
echo "these bytes" | ringbuf put hello --keep
[ "$(ringbuf cat hello)" = "these bytes" ]
ringbuf rm hello

apt install ./ringbuf-nats_*.deb
ringbuf nats --version

for web in ringbuf-web_*.deb; do # it is built where npm is
  [ -e "$web" ] || continue
  apt install "./$web"
  ringbuf web --version
done

apt install ./libringbuf-dev_*.deb gcc libc6-dev
cc -o queue queue.c -lringbuf
./queue
