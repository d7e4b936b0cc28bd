#!/usr/bin/env bash
# ./run and ./test fast as a new user of Debian 13 has them: in a fresh root made by debootstrap, from a clean clone.
# Needs root, debootstrap, and the package sources that this machine's apt has. Some 25 minutes on two cores.
#   tests/machines/debian13.sh [FOLDER]   the root lies in FOLDER (a temporary one by default) and is removed at the end
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup.sh
install_packages debootstrap git

root=$(mktemp -d "${1:-/var/tmp}/debian13-XXXXXX")
mounts=()
service=
finish() {
  [[ -n $service ]] && kill -TERM "$service" 2>/dev/null && wait "$service"
  local at
  for at in "${mounts[@]}"; do umount --lazy "$at"; done
  rm -rf --one-file-system "$root"
}
trap finish EXIT

mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -1)
say "Debian 13 from $mirror"
debootstrap --variant=minbase trixie "$root" "$mirror" >"$root.log"
for at in proc dev; do
  mount --bind "/$at" "$root/$at"
  mounts+=("$root/$at")
done
# The way to package sources is this machine's own; nothing else of it is visible inside.
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
[[ -z ${NODE_EXTRA_CA_CERTS:-} ]] || cp "$NODE_EXTRA_CA_CERTS" "$root/root/ca.pem"
git clone -q . "$root/root/message-service"

inside=(chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
  ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/root/ca.pem} bash -c)

say "./run"
url=http://127.0.0.1:$(scripts/free_ports.py 1)
"${inside[@]}" "cd /root/message-service && exec ./run --Urls=$url" &
service=$!
for _ in $(seq 3000); do
  kill -0 "$service" 2>/dev/null || { wait "$service"; exit 1; }
  curl -fsS "$url/health/ready" >/dev/null 2>&1 && break
  sleep 1
done
token=$("${inside[@]}" "cd /root/message-service && build/release/message-service token create --sub parent-001 \
  --type Parent --key build/development-key.json")
curl -fsS -X POST "$url/api/conversations/conv-123/messages" -H 'Content-Type: application/json' \
  -H "Authorization: Bearer $token" -d '{"content":"Hello teacher!"}'
echo
kill -TERM "$service"
wait "$service" || true
service=

say "./test fast"
"${inside[@]}" "cd /root/message-service && exec ./test fast"
