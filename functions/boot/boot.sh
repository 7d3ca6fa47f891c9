#!/bin/bash
# Makes the machine ready for its one job. Runs as root in ephemeral-runner-boot.service, with the settings in its
# environment. Any failure ends the unit, and so the machine. Nothing here may print what the registration holds.
set -euo pipefail

library=/opt/ephemeral-runner
registration=/run/ephemeral-runner/registration
home=/opt/actions-runner

# A subshell, and never behind || or if: there, bash would go on after a failing command.
step() (
  name=$1 started=${EPOCHREALTIME//[!0-9]/}
  shift
  trap 'report "$?" "$name" "$started"' EXIT
  trap 'exit 143' TERM
  "$@"
)

report() {
  printf '{"message":"boot step","step":"%s","status":%d,"milliseconds":%d}\n' \
    "$2" "$1" $(((${EPOCHREALTIME//[!0-9]/} - $3) / 1000))
}

take_registration() {
  umask 077
  /usr/bin/python3 -IS "$library/aws.py" take >"$registration"
}

as_runner() {
  setpriv --reuid=runner --regid=runner --clear-groups "$@"
}

# A user that the image brings keeps no group but its own: docker, sudo, disk and the like make a job root.
# Without a manager of its own, nothing of this user lives beside its unit: no `systemd-run --user`, no lingering. start.sh
# masks them all; systemd has to be told only of one that it had started.
add_user() {
  id runner &>/dev/null || useradd --create-home --shell /bin/bash runner
  [[ $(id -Gn runner) == runner ]] || {
    groupadd --force runner
    usermod --gid runner --groups '' runner
  }
  manager=user@$(id -u runner)
  systemctl stop --quiet "$manager"
  [[ $(systemctl show -p LoadState "$manager") == *=masked ]] || systemctl daemon-reload
}

# A runner that the image brings, of whatever version, is taken as it is: the machine may have no way to another one, and
# GitHub has it update itself when it is too old. One that is too old for that ends with code 7.
# The version that comes with the registration goes before that of the settings, unless these are a choice of the team.
download_runner() {
  [[ ! -x $home/run.sh ]] || return 0
  local mark url sum
  read -r mark url sum <"$registration"
  [[ $mark != '#' || -v RUNNER_PINNED ]] || RUNNER_URL=$url RUNNER_SHA256=$sum
  curl --silent --show-error --fail --location --retry 3 --max-time 300 --output "$home.tar.gz" --url "$RUNNER_URL"
  sha256sum --check --quiet - <<<"$RUNNER_SHA256  $home.tar.gz"
}

install_runner() {
  install -d -o runner -g runner "$home"
  if [[ -x $home/run.sh ]]; then
    [[ $(stat --format %U "$home/run.sh") == runner ]] || chown -R runner:runner "$home"
  else
    as_runner tar --extract --gzip --directory "$home" <"$home.tar.gz"
    rm "$home.tar.gz"
  fi
}

install_packages() {
  local missing=() entry
  for entry in nft:nftables git:git tar:tar; do
    command -v "${entry%:*}" >/dev/null || missing+=("${entry#*:}")
  done
  if command -v dnf >/dev/null; then
    [[ $(ldconfig -p) == *libicuuc.so* ]] || missing+=(libicu)
    ((${#missing[@]} == 0)) || retry dnf install --assumeyes --quiet "${missing[@]}"
  else
    [[ $(ldconfig -p) == *libicuuc.so* ]] || missing+=('^libicu[0-9]+$')
    ((${#missing[@]} == 0)) || {
      export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
      retry apt-get update --quiet=2
      retry apt-get install --yes --quiet=2 --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}"
    }
  fi
}

# On Amazon Linux the SSM agent updates itself at boot, and may hold the package lock: github.com/aws/aws-cdk/issues/36717
# The commands of allow-docker.sh, and those of the team, have it as well.
retry() {
  "$@" || { sleep 5 && "$@"; } || { sleep 15 && "$@"; }
}
export -f retry

# Everyone but root, rather than only the runner: in a user namespace a job can take on other user ids. What is forwarded
# is a container's, and what belongs to no socket is nobody's.
# A job that asks is refused at once: by ICMP over IPv4, because IPAddressDeny= of its unit swallows a reset; by a reset
# over IPv6, where a connection waits a second for all that ICMP says.
# From outside comes what was asked for, neighbour discovery and DHCP: no other machine reaches what a job listens on, nor
# the ports of its containers, whatever the security group says. Outside is where the default route leads. The kernel knows
# no connection that is older than these rules, such as that of a download: of TCP, all is let in but what would begin one.
close_network() {
  nft --file - <<RULES
table inet ephemeral_runner {
  chain closed {
    meta skuid 0 return
    meta nfproto ipv6 meta l4proto tcp reject with tcp reset
    reject
  }
  chain metadata {
    ip daddr 169.254.169.254 jump closed
    ip6 daddr fd00:ec2::254 jump closed
  }
  chain outside {
    iifname != { $(sed -nE 's/^(\S+)\s0{8}\s.*/\1,/p' /proc/net/route) } return
    ct state established,related accept
    tcp flags & (syn|ack) != syn accept
    meta l4proto icmpv6 accept
    udp dport {68, 546} accept
    drop
  }
  chain output {
    type filter hook output priority 0
    jump metadata
  }
  chain forward {
    type filter hook forward priority 0
    jump metadata
    jump outside
  }
  chain input {
    type filter hook input priority 0
    jump outside
  }
}
RULES
}

prove_metadata_closed() {
  local address code
  for address in 169.254.169.254 '[fd00:ec2::254]'; do
    code=0
    as_runner curl --silent --globoff --noproxy '*' --max-time 3 "http://$address/" >/dev/null ||
      code=$?
    # 7: no connection. An answer or silence, or no curl at all, proves nothing.
    ((code == 7)) || {
      echo "the metadata service at $address is not closed to the runner: curl ended with $code, not 7"
      return 1
    }
  done
}

# With a registration token, configuring is a process of its own that ends before the job: what starts a job could be
# read by it, in /proc/<pid>/environ, and this token registers any number of runners. The flag has hyphens, which no
# variable's name can have: without it the runner would take jobs of "self-hosted" alone.
register_runner() {
  grep --quiet ^ACTIONS_RUNNER_INPUT_TOKEN= "$registration" || return 0
  systemd-run --quiet --wait --collect --unit=ephemeral-runner-register --property=Type=exec --property=User=runner \
    --property=EnvironmentFile="$registration" --property=WorkingDirectory="$home" \
    --property=RuntimeMaxSec=120 "$home/config.sh" --no-default-labels
  rm "$registration"
}

# The idle limit counts from the runner's start; until here the same timer bounded the boot. Between two tries it lets pass as
# much, so that one which is stopped here has no other follow it sooner.
restart_idle_limit() {
  systemctl stop --quiet ephemeral-runner-idle
  systemctl restart ephemeral-runner-idle.timer
}

# The registration names the runner, and is there long before a machine has booted.
{
  step registration take_registration
  step download download_runner
} &
downloading=$!
step packages install_packages
step close-network close_network
step user add_user
wait "$downloading"
step runner install_runner
[[ ! -e $library/setup.sh ]] || step setup bash -euo pipefail "$library/setup.sh" </dev/null
step prove-metadata-closed prove_metadata_closed
step register register_runner
step idle-limit restart_idle_limit
