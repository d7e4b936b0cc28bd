#!/usr/bin/env bash
# The Debian package as its user has it: lintian, then installed into a bare root of the release, its unit looked at,
# started by the unit's command line, reloaded, removed and purged. Needs root.
#   tests/machines/package.sh SUITE PACKAGE.deb... [FOLDER]   SUITE: bookworm or trixie; the packages are of that release
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/setup.sh
. tests/machines/root.sh
install_packages "${package_test_packages[@]}"

suite=$1
shift
packages=()
folder=/var/tmp
for argument in "$@"; do
  case "$argument" in *.deb) packages+=("$argument") ;; *) folder=$argument ;; esac
done

service=
finish() {
  [[ -z $service ]] || { kill -TERM "$service" 2>/dev/null && wait "$service"; } || true
  remove_root
}
trap finish EXIT
check() { say "$1"; shift; "$@" || { say "FAILED: $*"; exit 1; }; }

check "lintian" lintian --fail-on error "${packages[@]}"

make_root "$suite" "$folder"
cp "${packages[@]}" "$root/root/"
inside "apt-get update -q >/dev/null"
check "Installing" inside "apt-get install -y -q --no-install-recommends /root/*.deb >/root/install.log 2>&1 || { cat /root/install.log; exit 1; }"
check "Its files are there and its own" inside "
  set -e
  dpkg --verify message-service
  test \"\$(stat -c '%U:%G %a' /etc/message-service/appsettings.json)\" = 'root:message-service 640'
  test \"\$(readlink -f /etc/systemd/system/multi-user.target.wants/message-service.service)\" = /usr/lib/systemd/system/message-service.service
  getent passwd message-service | grep -q ':/var/lib/message-service:/usr/sbin/nologin$'
  message-service version && message-service bench --help >/dev/null
  message-service config check --config /etc/message-service/appsettings.json"

inside "apt-get install -y -q --no-install-recommends systemd man-db >/root/install.log 2>&1"
unit=/usr/lib/systemd/system/message-service
check "systemd-analyze verify" inside "systemd-analyze verify --man=no $unit.service $unit.socket"
check "systemd-analyze security" inside "systemd-analyze security --offline=yes --threshold=50 $unit.service | tail -1"

# As systemd would: the unit's user, folder and command line, and a socket for its notifications.
command=$(inside "sed -n 's/^ExecStart=//p' $unit.service")
say "$command"
inside "install -d -m 0700 -o message-service -g message-service /var/lib/message-service"
port=$(scripts/free_ports.py 1)
inside "sed -i 's|127.0.0.1:5005|127.0.0.1:$port|' /etc/message-service/appsettings.json"
start() {
  "${in_root[@]}" "cd /var/lib/message-service && exec setpriv --reuid message-service --regid message-service --clear-groups \
    --no-new-privs --bounding-set=-all $command" >"$root/root/service.log" 2>&1 &
  service=$!
  for _ in $(seq 300); do
    inside "message-service health --config /etc/message-service/appsettings.json" >/dev/null 2>&1 && return
    kill -0 "$service" 2>/dev/null || break
    sleep 0.1
  done
  cat "$root/root/service.log"
  return 1
}
check "Starting" start
url=http://127.0.0.1:$port
curl -fsS -X POST "$url/api/conversations" -H 'Content-Type: application/json' \
  -d '{"id":"conv-1","participants":[{"id":"parent-001","type":"Parent"}]}' >/dev/null
check "A message" curl -fsS -X POST "$url/api/conversations/conv-1/messages" -H 'Content-Type: application/json' \
  -d '{"senderId":"parent-001","senderType":"Parent","content":"Hello teacher!"}'
echo
inside "sed -i 's|\"Level\": \"Information\"|\"Level\": \"Debug\"|' /etc/message-service/appsettings.json"
kill -HUP "$service"
sleep 2
check "Reloaded" grep -q 'settings changed: Logging:Level' "$root/root/service.log"
kill -TERM "$service"
check "Ends drained" wait "$service"
service=
inside "sed -i 's|http://127.0.0.1:$port|http://*:$port|' /etc/message-service/appsettings.json"
check "Other addresses need sign-in" inside "setpriv --reuid message-service --regid message-service --clear-groups $command \
  >/root/refused.log 2>&1; test \$? = 2 && grep -q 'set Auth:Mode=Jwt' /root/refused.log"

check "Removing" inside "apt-get remove -y -q message-service >/dev/null 2>&1 && test -e /etc/message-service/appsettings.json && test ! -e /usr/bin/message-service"
check "Purging keeps the messages" inside "apt-get purge -y -q message-service >/dev/null 2>&1 && test ! -e /etc/message-service && test -e /var/lib/message-service/data"
inside "apt-get install -y -q --no-install-recommends /root/*.deb >/root/install.log 2>&1"
check "Installed again and purged with them" inside "MESSAGE_SERVICE_PURGE_DATA=yes apt-get purge -y -q message-service >/dev/null 2>&1 && test ! -e /var/lib/message-service"
say "$suite: the package holds"
