#!/bin/sh
# deb: remove; rpm: 0. An upgrade stops nothing.
set -e
case "$1" in remove | 0) ;; *) exit 0 ;; esac
if [ -d /run/systemd/system ]; then systemctl stop cloudip_exporter.service cloudip_exporter.socket || true; fi
if [ "$1" = 0 ]; then systemctl --quiet disable cloudip_exporter.service cloudip_exporter.socket || true; fi
