#!/bin/sh
# State and user outlive a removal; purge, which only deb has, removes the state.
set -e
if [ "$1" = purge ]; then
  rm -rf /var/lib/cloudip_exporter /etc/cloudip_exporter
  rm -f /etc/systemd/system/multi-user.target.wants/cloudip_exporter.service /etc/systemd/system/sockets.target.wants/cloudip_exporter.socket
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
