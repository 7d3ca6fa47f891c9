#!/bin/bash
trap 'systemctl --no-block start ephemeral-runner-finish.service || systemctl poweroff --force' EXIT
set -euo pipefail
mkdir -pm 700 /etc/ephemeral-runner /opt/ephemeral-runner
cat >/etc/ephemeral-runner/settings <<'END-OF-FILE'
ROLE_ID='AROAEXAMPLE0000000000'
HANDOFF_TABLE='acme-handoff'
LOG_GROUP='/acme/runners'
RUNNER_URL='https://github.com/actions/runner/releases/download/v2.338.0/actions-runner-linux-x64-2.338.0.tar.gz'
RUNNER_SHA256='af4b794c1bc41d73d40535e3fe092a39f9679cd8d965954c2aca25a05ca41d32'
HARD_LIMIT_SECONDS='22500'
GRACE_SECONDS='60'
IDLE_BACKSTOP_SECONDS='900'
IDLE_RECHECK_SECONDS='60'
REGISTRATION_WAIT_SECONDS='300'
END-OF-FILE
. /etc/ephemeral-runner/settings
cat >/etc/systemd/system/ephemeral-runner-boot.service <<'END-OF-FILE'
[Unit]
Description=Make the machine ready for its one job
OnSuccess=ephemeral-runner.service
OnFailure=ephemeral-runner-finish.service
[Service]
Type=oneshot
Environment=HOME=/root
EnvironmentFile=/etc/ephemeral-runner/settings
RuntimeDirectory=ephemeral-runner
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
ExecStart=/bin/bash /opt/ephemeral-runner/boot.sh
END-OF-FILE
cat >/etc/systemd/system/ephemeral-runner.service <<'END-OF-FILE'
[Unit]
Description=GitHub Actions runner, for one job
OnSuccess=ephemeral-runner-finish.service
OnFailure=ephemeral-runner-finish.service
[Service]
Type=exec
User=runner
WorkingDirectory=/opt/actions-runner
EnvironmentFile=-/run/ephemeral-runner/registration
ExecStart=/opt/actions-runner/run.sh
ExecStartPost=+/bin/rm -f /run/ephemeral-runner/registration
KillMode=control-group
TimeoutStopSec=30
OOMPolicy=continue
MemoryMax=90%
CPUWeight=50
IPAddressDeny=169.254.169.254 fd00:ec2::254
NoNewPrivileges=yes
ProtectProc=invisible
END-OF-FILE
cat >/etc/systemd/system/ephemeral-runner-idle.service <<'END-OF-FILE'
[Unit]
Description=Finish a machine on which no job runs
[Service]
Type=oneshot
EnvironmentFile=/etc/ephemeral-runner/settings
ExecStart=/bin/bash /opt/ephemeral-runner/idle.sh
END-OF-FILE
cat >/etc/systemd/system/ephemeral-runner-finish.service <<'END-OF-FILE'
[Unit]
Description=Ship the logs and power off
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
EnvironmentFile=-/etc/ephemeral-runner/settings
ExecStart=-/usr/bin/systemctl kill --signal=KILL ephemeral-runner-boot ephemeral-runner
ExecStart=-/usr/bin/pkill -KILL -u runner
ExecStart=-/usr/bin/python3 -IS /opt/ephemeral-runner/aws.py ship
TimeoutStartSec=30
TimeoutStopSec=5
END-OF-FILE
cat >/opt/ephemeral-runner/boot.sh <<'END-OF-FILE'
#!/bin/bash
set -euo pipefail
library=/opt/ephemeral-runner
registration=/run/ephemeral-runner/registration
home=/opt/actions-runner
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
download_runner() {
 [[ ! -x $home/run.sh ]] || return 0
 curl --silent --show-error --fail --location --retry 3 --max-time 300 --output "$home.tar.gz" "$RUNNER_URL"
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
retry() {
 "$@" || { sleep 5 && "$@"; } || { sleep 15 && "$@"; }
}
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
  ((code == 7)) || {
   echo "the metadata service at $address is not closed to the runner: curl ended with $code, not 7"
   return 1
  }
 done
}
register_runner() {
 grep --quiet ^ACTIONS_RUNNER_INPUT_TOKEN= "$registration" || return 0
 systemd-run --quiet --wait --collect --unit=ephemeral-runner-register --property=Type=exec --property=User=runner \
  --property=EnvironmentFile="$registration" --property=WorkingDirectory="$home" \
  --property=RuntimeMaxSec=120 "$home/config.sh" --no-default-labels
 rm "$registration"
}
restart_idle_limit() {
 systemctl stop --quiet ephemeral-runner-idle
 systemctl restart ephemeral-runner-idle.timer
}
step registration take_registration &
taking=$!
step download download_runner &
downloading=$!
step packages install_packages
step close-network close_network
step user add_user
wait "$downloading"
step runner install_runner
[[ ! -e $library/setup.sh ]] || step setup bash -euo pipefail "$library/setup.sh" </dev/null
wait "$taking"
step prove-metadata-closed prove_metadata_closed
step register register_runner
step idle-limit restart_idle_limit
END-OF-FILE
cat >/opt/ephemeral-runner/idle.sh <<'END-OF-FILE'
#!/bin/bash
worker_lives() {
 grep --quiet --no-messages 'Runner[.]Worker' /proc/[0-9]*/cmdline
}
worker_lives && exit
sleep "$IDLE_RECHECK_SECONDS"
worker_lives && exit
echo '{"message":"no job: the idle limit ends the machine"}'
systemctl start --no-block ephemeral-runner-finish
END-OF-FILE
cat >/opt/ephemeral-runner/aws.py <<'END-OF-FILE'
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
METADATA = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254").rstrip("/") + "/latest/"
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
def fetch(url, body=None, headers={}, method=None):
 with direct.open(urllib.request.Request(url, body, headers, method=method), timeout=5) as answer:
  return answer.read().decode()
def metadata():
 token = fetch(METADATA + "api/token", None, {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, "PUT")
 return lambda path: fetch(METADATA + path, None, {"X-aws-ec2-metadata-token": token})
def digest(text):
 return hashlib.sha256(text).hexdigest()
def sign(credentials, region, service, url, headers, body, now):
 stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
 headers = {**headers, "host": url.split("/")[2], "x-amz-date": stamp,
   "x-amz-security-token": credentials["Token"]}
 names = ";".join(sorted(headers))
 lines = [name + ":" + headers[name] for name in sorted(headers)]
 request = "\n".join(["POST", "/", "", *lines, "", names, digest(body)])
 scope = "/".join([stamp[:8], region, service, "aws4_request"])
 key = ("AWS4" + credentials["SecretAccessKey"]).encode()
 for text in [*scope.split("/"), "\n".join(["AWS4-HMAC-SHA256", stamp, scope, digest(request.encode())])]:
  key = hmac.new(key, text.encode(), "sha256").digest()
 credential = credentials["AccessKeyId"] + "/" + scope
 return {**headers, "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, "
          f"Signature={key.hex()}"}
def call(service, target, version, payload):
 ask = metadata()
 role = ask("meta-data/iam/security-credentials/").split()[0]
 credentials = json.loads(ask("meta-data/iam/security-credentials/" + role))
 region = ask("meta-data/placement/region")
 url = os.environ.get("AWS_ENDPOINT_URL") or f"https://{service}.{region}.{ask('meta-data/services/domain')}"
 url = url.rstrip("/") + "/"
 body = json.dumps(payload(ask("meta-data/instance-id"))).encode()
 headers = {"content-type": "application/x-amz-json-" + version, "x-amz-target": target}
 return json.loads(fetch(url, body, sign(credentials, region, service, url, headers, body, time.time())) or "{}")
def failure(error):
 if isinstance(error, urllib.error.HTTPError):
  found = re.search(r'"__type": *"(?:[^"#]*#)?(\w+)"', error.read().decode(errors="replace"))
  return found[1] if found else f"HTTP {error.code}"
 return type(error).__name__
def say(message, **fields):
 print(json.dumps({"message": message, **fields}), file=sys.stderr, flush=True)
def take():
 deadline = time.monotonic() + float(os.environ["REGISTRATION_WAIT_SECONDS"])
 said = None
 while True:
  try:
   taken = call("dynamodb", "DynamoDB_20120810.DeleteItem", "1.0", lambda instance: {
    "TableName": os.environ["HANDOFF_TABLE"],
    "Key": {"instance": {"S": os.environ["ROLE_ID"] + ":" + instance}},
    "ConditionExpression": "expiresAt > :now",
    "ExpressionAttributeValues": {":now": {"N": str(int(time.time()))}},
    "ReturnValues": "ALL_OLD",
   })["Attributes"]["environment"]["S"]
   break
  except (OSError, ValueError, LookupError) as error:
   reason = failure(error)
  if reason != said:
   say("no registration yet", reason=reason)
   said = reason
  if time.monotonic() > deadline:
   sys.exit("no registration in time")
  time.sleep(1)
 for line in taken.splitlines():
  name, _, value = line.partition("=")
  print(name + '="' + re.sub(r'(["\\$`])', r"\\\1", value) + '"')
def journal(*selection):
 lines = subprocess.run(["journalctl", "--quiet", "--output=json", *selection], stdout=subprocess.PIPE, timeout=10)
 for line in lines.stdout.splitlines():
  entry = json.loads(line)
  if isinstance(entry.get("MESSAGE"), str):
   yield int(entry["__REALTIME_TIMESTAMP"]) // 1000, entry.get("SYSLOG_IDENTIFIER", "-") + ": " + entry["MESSAGE"]
def diagnosis():
 tails = subprocess.run(["/bin/sh", "-c", "tail --quiet --bytes=400000 _diag/*.log 2>&- |"
       "head --bytes=4000000"], cwd="/opt/actions-runner",
      user="runner", group="runner", extra_groups=[], stdout=subprocess.PIPE, timeout=5)
 now = int(time.time() * 1000)
 for line in tails.stdout.decode(errors="replace").splitlines():
  yield now, line
def log(action, **fields):
 call("logs", "Logs_20140328." + action, "1.1", lambda instance: {
  "logGroupName": os.environ["LOG_GROUP"], "logStreamName": instance, **fields})
def put(events):
 rows = [{"timestamp": at, "message": text[:8000]} for at, text in events if text]
 rows.sort(key=lambda row: row["timestamp"])
 while rows:
  size, count = 0, 0
  while count < min(len(rows), 10000):
   size += 26 + len(rows[count]["message"].encode())
   if size > 1048576:
    break
   count += 1
  log("PutLogEvents", logEvents=rows[:count])
  rows = rows[count:]
def ship():
 try:
  log("CreateLogStream")
 except urllib.error.HTTPError as error:
  say("no new log stream", reason=failure(error))
 subprocess.run(["journalctl", "--sync"], timeout=5)
 for source in (journal("--unit=ephemeral-runner-*"), journal("--unit=ephemeral-runner.service", "--lines=2000"),
    diagnosis()):
  try:
   put(source)
  except (OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
   say("logs not shipped", reason=failure(error))
if __name__ == "__main__":
 {"take": take, "ship": ship}[sys.argv[1]]()
END-OF-FILE
units=/etc/systemd/system
ln -sf /dev/null $units/user@.service
ln -sf ../ephemeral-runner-finish.service $units/multi-user.target.wants/
systemd-run --quiet --unit=ephemeral-runner-finish.service --timer-property=AccuracySec=1s \
 --on-active="$HARD_LIMIT_SECONDS"
systemd-run --quiet --unit=ephemeral-runner-idle.service --timer-property=AccuracySec=1s \
 --on-active="$IDLE_BACKSTOP_SECONDS" --on-unit-inactive="$IDLE_BACKSTOP_SECONDS"
systemd-run --quiet --unit=ephemeral-runner-limit --nice=-20 \
 sh -c "sleep $((HARD_LIMIT_SECONDS + GRACE_SECONDS)) && systemctl poweroff -ff"
systemctl start --no-block ephemeral-runner-boot
trap - EXIT
