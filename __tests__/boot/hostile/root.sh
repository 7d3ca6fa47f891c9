# shellcheck shell=bash disable=SC2154,SC2016
# What a hostile job tries as root, where allowSudo is on. What each attempt comes to stands in hostile-root.test.ts.
attempt root sudo -n id -u

# With its unit's address filter around it, and without.
attempt metadata-in-unit sudo "${ask[@]}" "$metadata"
attempt metadata-ipv6-in-unit sudo "${ask[@]}" "$metadata6"
attempt metadata-out-of-unit sudo bash -c "echo \$\$ >/sys/fs/cgroup/cgroup.procs; $(printf '%q ' "${ask[@]}" "$metadata")"

# Calls to AWS with the machine's role, by the machine's own program.
call() {
  local name=$1 service=$2 target=$3 input=$4
  attempt "$name" sudo bash -c 'echo $$ >/sys/fs/cgroup/cgroup.procs; . /etc/ephemeral-runner/settings
    export ROLE_ID HANDOFF_TABLE LOG_GROUP AWS_ENDPOINT_URL; exec python3 -IS -c "$@"' bash '
import json, os, sys
sys.path.insert(0, "/opt/ephemeral-runner")
sys.dont_write_bytecode = True
import aws
service, target, text = sys.argv[1:]
try:
    print(aws.call(service, target, "1.1", lambda own: json.loads(os.path.expandvars(text).replace("OWN", own))))
except Exception as error:
    print(aws.failure(error))' "$service" "$target" "$input"
}

keyOf() { echo '"Key": {"instance": {"S": "$ROLE_ID:'"$1"'"}}'; }
table='"TableName": "$HANDOFF_TABLE"'
call take-own dynamodb DynamoDB_20120810.DeleteItem "{$table, $(keyOf OWN), \"ReturnValues\": \"ALL_OLD\"}"
call take-another dynamodb DynamoDB_20120810.DeleteItem "{$table, $(keyOf i-0123456789abcdef0), \"ReturnValues\": \"ALL_OLD\"}"
call lay-own dynamodb DynamoDB_20120810.PutItem "{$table, \"Item\": {\"instance\": {\"S\": \"\$ROLE_ID:OWN\"}}}"
call read-own dynamodb DynamoDB_20120810.GetItem "{$table, $(keyOf OWN)}"
call read-all dynamodb DynamoDB_20120810.Scan "{$table}"
call read-ledger dynamodb DynamoDB_20120810.Scan '{"TableName": "boot-ledger"}'
call app-key ssm AmazonSSM.GetParameters '{"Names": ["/acme/github-app-key"], "WithDecryption": true}'
call installation-token ssm AmazonSSM.GetParameters '{"Names": ["/boot/github/installation-token"], "WithDecryption": true}'
call registration-token ssm AmazonSSM.GetParameters '{"Names": ["/boot/github/registration-token"], "WithDecryption": true}'
call launch-machines ec2 EC2.RunInstances '{}'
call end-machines ec2 EC2.TerminateInstances '{}'
call list-machines ec2 EC2.DescribeInstances '{}'
call tag-machine ec2 EC2.CreateTags '{}'
call read-own-log logs Logs_20140328.GetLogEvents '{"logGroupName": "$LOG_GROUP", "logStreamName": "OWN"}'
call delete-own-log logs Logs_20140328.DeleteLogStream '{"logGroupName": "$LOG_GROUP", "logStreamName": "OWN"}'
call write-another-log logs Logs_20140328.CreateLogStream '{"logGroupName": "/another", "logStreamName": "OWN"}'
call write-own-log logs Logs_20140328.CreateLogStream '{"logGroupName": "$LOG_GROUP", "logStreamName": "OWN-hostile"}'

# Secrets that lie on the machine.
attempt registration sudo ls /run/ephemeral-runner
attempt user-data sudo bash -c 'grep --count --extended-regexp "ASIA|ACTIONS_RUNNER_INPUT_JITCONFIG|BEGIN .*KEY" /var/lib/cloud/instance/user-data.txt'
attempt secrets-on-disk sudo grep -rlIsE 'ASIABOOTTEST[0-9]+|instance-session-token-|jit-configuration-[a-zA-Z]' \
  --exclude-dir=actions-runner /dev/shm /etc /home /opt /root /run /tmp /var
attempt secrets-of-processes sudo bash -c '
  for p in /proc/[0-9]*; do
    [[ $(stat --format %U "$p") == runner || $p == /proc/$$ ]] || cat "$p/environ" "$p/cmdline"
  done 2>/dev/null | tr "\0" "\n" | grep --count --extended-regexp "ASIABOOTTES[T]|instance-session-toke[n]-"'

# What root can stop: the machine's own limits.
if [[ -n ${STOP_LIMITS:-} ]]; then
  attempt stop-limits sudo systemctl stop ephemeral-runner-finish.timer ephemeral-runner-idle.timer ephemeral-runner-limit.service
  attempt limits-left bash -c 'systemctl --no-ask-password list-timers --no-legend "ephemeral-runner-*" | wc -l'
fi
tell end yes
