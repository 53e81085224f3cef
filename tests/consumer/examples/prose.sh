#!/bin/sh
# usage: prose.sh DIRECTORY [links]
#
# README.md, CONTRIBUTING.md and docs/*.md in DIRECTORY, as they are in the source tree or (links) as they are installed:
# every relative link leads to a file, and to a heading of it if it names one; README.md leads to every page. In the source
# tree README.md has at most 250 lines, and no line has more than 128 columns, tables and addresses excepted. The links of the
# other files in Markdown are looked at as well.
set -eu
cd "$1"
mode=${2:-all}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
complain() {
  echo "prose.sh: $1" >&2
  touch "$work/failed"
}
pages=$(ls README.md CONTRIBUTING.md docs/*.md 2>/dev/null || true)
others=$(ls CHANGELOG.md capi/*/README.md tests/README.md tests/*/README.md tests/*/*/README.md 2>/dev/null || true)
[ "$(echo "$pages" | wc -l)" -ge 3 ] || complain "only these pages: $pages"

# The text of a page without its code.
prose() { awk '/^```/ { inside = !inside; next } !inside' "$1" | sed 's/`[^`]*`//g'; }
# The names of a page's headings, as GitHub and GitLab make them.
headings() {
  awk '/^```/ { inside = !inside; next } !inside && /^#+ / {
    sub(/^#+ /, ""); name = tolower($0); gsub(/[^a-z0-9 _-]/, "", name); gsub(/ /, "-", name)
    print seen[name]++ ? name "-" (seen[name] - 1) : name
  }' "$1"
}

links=0
for page in $pages $others; do
  awk '/^```/ { if (!inside && $0 == "```") print FILENAME ":" FNR ": a block of code without a language"; inside = !inside }
    END { if (inside) print FILENAME ": a block of code without an end" }' "$page" >"$work/blocks"
  [ ! -s "$work/blocks" ] || complain "$(cat "$work/blocks")"

  prose "$page" | grep -oE '\]\([^)]*\)|(href|src)="[^"]*"|^\[[^]]*\]: .*' |
    sed -E -e 's/^\]\((.*)\)$/\1/' -e 's/^(href|src)="(.*)"$/\2/' -e 's/^\[[^]]*\]: *//' >"$work/links" || true
  while read -r link; do
    case $link in
      http://* | https://*) continue ;;
    esac
    file=${link%%#*} heading=
    case $link in *'#'*) heading=${link#*#} ;; esac
    target=$page
    [ -z "$file" ] || target=$(dirname "$page")/$file
    if [ ! -e "$target" ]; then
      complain "$page: the link '$link' leads to nothing"
    elif [ -n "$heading" ] && ! headings "$target" | grep -qxF -e "$heading"; then
      complain "$page: the link '$link' leads to no heading"
    fi
    links=$((links + 1))
    [ "$page" != README.md ] || echo "$target" >>"$work/from_readme"
  done <"$work/links"
done
for page in $pages; do
  [ "$page" = README.md ] || grep -qxF "./$page" "$work/from_readme" || complain "README.md has no link to $page"
done

if [ "$mode" = all ]; then
  lines=$(wc -l <README.md)
  [ "$lines" -le 250 ] || complain "README.md has $lines lines, 250 are allowed"
  for page in $pages; do
    awk '/^```/ { code = !code } !code && /^\|/ { $0 = "" } { print }' "$page" | sed 's|https*://[^ )>]*||g' |
      LC_ALL=C.UTF-8 grep -nE '^.{129,}$' >"$work/long" || continue
    complain "$page: more than 128 columns: $(cat "$work/long")"
  done
fi
[ ! -e "$work/failed" ] || exit 1
echo "$links links in $(echo "$pages" | wc -l) pages"
