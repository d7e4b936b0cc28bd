#!/usr/bin/env bash
# ./run, ./test fast and the package as a new user of Debian 13 has them: in a fresh root made by debootstrap, from a clean
# clone.
# Needs root, debootstrap, and the package sources that this machine's apt has. Some 25 minutes on two cores.
#   tests/machines/debian13.sh [FOLDER]   the root lies in FOLDER (a temporary one by default) and is removed at the end
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup.sh
. tests/machines/root.sh
install_packages debootstrap git

service=
finish() {
  [[ -n $service ]] && kill -TERM "$service" 2>/dev/null && wait "$service"
  remove_root
}
trap finish EXIT

make_root trixie "${1:-/var/tmp}"
git clone -q . "$root/root/message-service"

say "./run"
url=http://127.0.0.1:$(scripts/free_ports.py 1)
"${in_root[@]}" "cd /root/message-service && exec ./run --Urls=$url" &
service=$!
for _ in $(seq 3000); do
  kill -0 "$service" 2>/dev/null || { wait "$service"; exit 1; }
  curl -fsS "$url/health/ready" >/dev/null 2>&1 && break
  sleep 1
done
token=$(inside "cd /root/message-service && build/release/message-service token create --sub parent-001 \
  --type Parent --key build/development-key.json")
curl -fsS -X POST "$url/api/conversations/conv-123/messages" -H 'Content-Type: application/json' \
  -H "Authorization: Bearer $token" -d '{"content":"Hello teacher!"}'
echo
kill -TERM "$service"
wait "$service" || true
service=

say "./test fast"
inside "cd /root/message-service && exec ./test fast"

say "The package"
inside "cd /root/message-service && scripts/package.sh"
packages=$(mktemp -d)
cp "$root"/root/message-service/build/release/packages/*.deb "$packages"
tests/machines/package.sh trixie "$packages"/*.deb "${1:-/var/tmp}"
rm -r "$packages"
