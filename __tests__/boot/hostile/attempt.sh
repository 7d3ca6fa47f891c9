# shellcheck shell=bash disable=SC2034,SC2016
# attempt NAME COMMAND...: tells the last lines of what the command says, and how it ended.
attempt() {
  local name=$1 said
  shift
  said=$(timeout 8 "$@" </dev/null 2>&1; echo "exit $?")
  tell "$name" "$(tail -n 4 <<<"$said")"
}

metadata=http://169.254.169.254/latest/meta-data/
metadata6='http://[fd00:ec2::254]/latest/meta-data/'
ask=(curl --silent --show-error --globoff --noproxy '*' --max-time 2 --output /dev/null)
