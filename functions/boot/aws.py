# The two AWS calls of a machine: take its registration, ship its logs. Standard library only, because cloud-init brings
# Python to every image, but not the AWS CLI; curl signs x-amz-* headers only in versions that Ubuntu 22.04 lacks.
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
    # The name only: a message may quote what was sent.
    if isinstance(error, urllib.error.HTTPError):
        found = re.search(r'"__type": *"(?:[^"#]*#)?(\w+)"', error.read().decode(errors="replace"))
        return found[1] if found else f"HTTP {error.code}"
    return type(error).__name__


def say(message, **fields):
    print(json.dumps({"message": message, **fields}), file=sys.stderr, flush=True)


# Read and destroyed in one call. GitHub's pace decides when it is there, so absence is no error until the end.
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
            })["Attributes"]
            break
        except (OSError, ValueError, LookupError) as error:
            reason = failure(error)
        if reason != said:
            say("no registration yet", reason=reason)
            said = reason
        if time.monotonic() > deadline:
            sys.exit("no registration in time")
        time.sleep(1)
    # To systemd a line like this is a comment, so that the job does not see it.
    if "runner" in taken:
        print("#", taken["runner"]["S"])
    for line in taken["environment"]["S"].splitlines():
        name, _, value = line.partition("=")
        # Quoted as systemd reads an EnvironmentFile.
        print(name + '="' + re.sub(r'(["\\$`])', r"\\\1", value) + '"')


def journal(*selection):
    lines = subprocess.run(["journalctl", "--quiet", "--output=json", *selection], stdout=subprocess.PIPE, timeout=10)
    for line in lines.stdout.splitlines():
        entry = json.loads(line)
        if isinstance(entry.get("MESSAGE"), str):
            yield int(entry["__REALTIME_TIMESTAMP"]) // 1000, entry.get("SYSLOG_IDENTIFIER", "-") + ": " + entry["MESSAGE"]


# Read as the runner's user: the job owns that folder, and may have laid links in it to what only root may read.
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


# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
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
    # Each on its own, the boot first: a job can write as much as it likes into the others.
    for source in (journal("--unit=ephemeral-runner-*"), journal("--unit=ephemeral-runner.service", "--lines=2000"),
                   diagnosis()):
        try:
            put(source)
        except (OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
            say("logs not shipped", reason=failure(error))


if __name__ == "__main__":
    {"take": take, "ship": ship}[sys.argv[1]]()
