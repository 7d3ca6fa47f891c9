#!/usr/bin/env bash
# What containers with a real systemd take: sourced by test-boot.sh and bench-boot.sh, in the repository's folder. Needs
# root and Debian or Ubuntu; installs what is missing, keeps the containers' root in .cache/, and sets BOOT_ROOT.

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

[[ $EUID == 0 ]] || fail "needs root, for systemd-nspawn and network namespaces: run it with sudo."
command -v apt-get >/dev/null || fail "needs apt-get: run it on Debian or Ubuntu, or in a virtual machine of one."

tools=(mmdebstrap:mmdebstrap systemd-nspawn:systemd-container nft:nftables ip:iproute2 shellcheck:shellcheck)
missing=()
for tool in "${tools[@]}"; do
  command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
done
if ((${#missing[@]})); then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# The name changes with what is in it.
packages=systemd,systemd-sysv,dbus,cloud-init,curl,nftables,python3,ca-certificates,libicu72,git,procps,iproute2,sudo,cron,at,polkitd
release=bookworm
root=.cache/boot-$release-$(sha256sum <<<"$packages" | cut -c 1-12)
if [[ ! -d $root ]]; then
  echo "Making the containers' root, $root: 1 minute, once." >&2
  mkdir -p .cache
  rm -rf "$root.new"
  mmdebstrap --quiet --variant=minbase --include="$packages" "$release" "$root.new" ||
    fail "mmdebstrap could not make a Debian root: is a Debian mirror reachable?"
  mkdir -p "$root.new/var/log/journal"
  mv "$root.new" "$root"
fi

unshare --mount --net true || fail "cannot make namespaces here: run it in a virtual machine, or in a privileged container."

export BOOT_ROOT=$PWD/$root
