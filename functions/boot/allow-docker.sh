# The job may start containers, and so is root when it wants to be. Runs before the commands of the team.
if ! command -v dockerd >/dev/null; then
  if command -v dnf >/dev/null; then
    retry dnf install --assumeyes --quiet docker
  else
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
    retry apt-get update --quiet=2
    retry apt-get install --yes --quiet=2 --no-install-recommends -o DPkg::Lock::Timeout=120 docker.io
  fi
fi
usermod --append --groups docker runner
systemctl start docker.service
