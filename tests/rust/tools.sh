# Sourced: ends with 77 unless cargo and what it takes are there, and $tools
for tool in cargo rustc cc pkg-config $tools; do
  if ! command -v $tool >/dev/null; then
    echo "SKIPPED: rust: no $tool"
    exit 77
  fi
done
