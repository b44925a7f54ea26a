#!/bin/sh
# image.sh DIST VERSION REVISION DATE: makes DIST/image, the image of each architecture from the binaries in DIST with
# their list, by buildah and so without an engine. The digest of the image is the checksum of DIST/image/manifest.json.
set -eu
dist=$1 version=$2 revision=$3 date=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
b() { command=$1; shift; buildah "$command" --root "$work/store" --runroot "$work/run" "$@"; }
for arch in amd64 arm64; do
  files=$work/$arch
  install -D -m 0755 "$dist"/cloudip_exporter_linux_$arch*/cloudip_exporter "$files/image/usr/bin/cloudip_exporter"
  install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$files/image/etc/ssl/certs/ca-certificates.crt"
  install -d "$files/image/var/lib" && install -d -m 0700 "$files/state/cloudip_exporter"
  b bud --pull-never --layers=false --format docker --timestamp "$(date -d "$date" +%s)" --platform linux/$arch \
    --build-context build="$files" --build-arg VERSION="$version" --build-arg REVISION="$revision" --build-arg DATE="$date" \
    --manifest cloudip_exporter -f Dockerfile "$files"
done
rm -rf "$dist/image"
buildah --root "$work/store" --runroot "$work/run" manifest push --all --format v2s2 cloudip_exporter "dir:$dist/image"
