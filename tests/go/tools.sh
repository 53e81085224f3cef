# Sourced: ends with 77 unless Go and what cgo takes are there.
for tool in go gofmt cc pkg-config; do
  if ! command -v $tool >/dev/null; then
    echo "SKIPPED: go: no $tool"
    exit 77
  fi
done
