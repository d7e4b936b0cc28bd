# A fresh root of a Debian release, made by debootstrap, for the scripts beside this one. Sourced from the repository's
# root; needs root, and the package sources that this machine's apt has.
#   make_root SUITE FOLDER   makes it below FOLDER: $root
#   inside COMMAND           runs a line of bash in it; "${in_root[@]}" COMMAND & has the line's own process id
#   remove_root              unmounts and removes it

root=
root_mounts=()

make_root() {
  local suite=$1 mirror at
  root=$(mktemp -d "$2/debian-$suite-XXXXXX")
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -1)
  chmod 0755 "$root"
  say "Debian $suite from $mirror"
  debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" || { tail -20 "$root.log" >&2; return 1; }
  for at in proc dev; do
    mount --bind "/$at" "$root/$at"
    root_mounts+=("$root/$at")
  done
  # The way to package sources is this machine's own; nothing else of it is visible inside.
  cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
  [[ -z ${NODE_EXTRA_CA_CERTS:-} ]] || cp "$NODE_EXTRA_CA_CERTS" "$root/root/ca.pem"
  in_root=(chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/root/ca.pem} bash -c)
}

inside() { "${in_root[@]}" "$1"; }

remove_root() {
  local at
  for at in "${root_mounts[@]}"; do umount --lazy "$at"; done
  [[ -z $root ]] || rm -rf --one-file-system "$root" "$root.log"
}
