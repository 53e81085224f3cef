#!/bin/sh
# mistakes.sh DOXYGEN PYTHON SOURCE DOXYFILE: "docs" refuses a header with any of these mistakes, and says which.
set -eu
doxygen=$1 python=$2 source=$3 doxyfile=$4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
sed -e "/^INPUT  *+=/d" -e "s|^INPUT .*|INPUT = $work/ringbuf.h|" \
  -e "s|^OUTPUT_DIRECTORY .*|OUTPUT_DIRECTORY = $work|" -e "s|^GENERATE_HTML .*|GENERATE_HTML = NO|" "$doxyfile" >Doxyfile

docs() {
  "$doxygen" Doxyfile >output 2>&1 && "$python" "$source/docs/man_pages.py" xml "$source" man 1.0.0 >>output 2>&1
}

cp "$source/capi/ringbuf.h" .
if ! docs; then # before anything is wrong
  cat output >&2
  exit 1
fi

mistake() { # mistake SED-EXPRESSION MESSAGE
  sed -E "$1" "$source/capi/ringbuf.h" >ringbuf.h
  if cmp -s ringbuf.h "$source/capi/ringbuf.h"; then
    echo "'$1' changes nothing" >&2
    exit 1
  fi
  if docs || ! grep -qE "$2" output; then
    echo "'$1' is not found to be: $2" >&2
    cat output >&2
    exit 1
  fi
  echo "found: $(grep -E "$2" output | head -n 1 | sed "s|$work/||")"
}

# shellcheck disable=SC2016 # backticks of the header
{
  mistake '/^\/\* Names the version of the library/d' 'ringbuf_version.* is not documented'
  mistake 's/^(  uint64_t window; ).*/\1/' 'window.* is not documented'
  mistake 's/^(  RINGBUF_KEEP = 2).*/\1/' 'RINGBUF_KEEP'
  mistake 's/RINGBUF_FULL \(lossless, /RINGBUF_FUL (lossless, /' 'RINGBUF_FUL'
  mistake 's/use ringbuf_read\)/use ringbuf_copy)/' 'ringbuf_copy'
  mistake 's/^\/\* Appends `count` samples/\/* Appends samples/' "ringbuf_put: its comment says nothing about 'count'"
  mistake 's/stores the handle in \*ring\. `name` is/`name` is/' "ringbuf_create: its comment says nothing about 'ring'"
  mistake 's/^ \* For readers\. None blocks but ringbuf_next and ringbuf_next_copy\. An/ * An/' 'Consuming from a position: who may call'
  mistake 's/^(RINGBUF_API int ringbuf_push)\(/\1_one(/' 'ringbuf_push is exported, but is no documented function'
  mistake 's/RINGBUF_INCOMPATIBLE(: | \()/0\1/' 'no function returns RINGBUF_INCOMPATIBLE'
}
