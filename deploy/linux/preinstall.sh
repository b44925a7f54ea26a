#!/bin/sh
# Before deb (install, upgrade) and rpm (1, 2) unpack files of this user.
set -e
getent group cloudip_exporter >/dev/null || groupadd --system cloudip_exporter
getent passwd cloudip_exporter >/dev/null || useradd --system --gid cloudip_exporter \
  --home-dir /var/lib/cloudip_exporter --no-create-home --shell /usr/sbin/nologin cloudip_exporter
