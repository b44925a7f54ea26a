#!/bin/sh
# files.sh DIR: writes what archives and packages hold and the source does not:
# completions, manual page, changelog and the licences of the modules in the program.
set -eu
out=$1
rm -rf "$out" && mkdir -p "$out"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$out/program" .
for shell in bash zsh fish; do "$out/program" --completion-script-$shell > "$out/cloudip_exporter.$shell"; done
"$out/program" --help-man > "$out/cloudip_exporter.1"
gzip -9n < "$out/cloudip_exporter.1" > "$out/cloudip_exporter.1.gz"
gzip -9n < CHANGELOG.md > "$out/changelog.gz"
{
  printf 'The Go programming language\n\n'
  cat "$(go env GOROOT)/LICENSE"
  for os in linux darwin; do CGO_ENABLED=0 GOOS=$os go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' .; done | sort -u |
  while read -r path version dir; do
    printf '\n%s\n%s %s\n\n' '--------------------------------------------------------------------------------' "$path" "$version"
    find "$dir" -maxdepth 1 -type f \( -iname 'licen[sc]e*' -o -iname 'notice*' -o -iname 'copying*' \) | sort | xargs cat
  done
} > "$out/THIRD-PARTY.txt"
rm "$out/program"
