import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { installMoto } from "../support/moto";

const run = promisify(execFile);

/** Signs the same requests with functions/boot/aws.py and with botocore, which comes with moto. */
const compare = `
import datetime, json, sys
from unittest import mock
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import aws
import botocore.auth, botocore.awsrequest, botocore.credentials

credentials = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "a/secret+key=", "Token": "a/session+token=="}
now = 1767225600
requests = [
    ("dynamodb", "eu-central-1", "https://dynamodb.eu-central-1.amazonaws.com/", "1.0", "DynamoDB_20120810.DeleteItem", '{"TableName": "t"}'),
    ("logs", "cn-north-1", "https://logs.cn-north-1.amazonaws.com.cn/", "1.1", "Logs_20140328.PutLogEvents", '{"é": "ü"}'),
    ("dynamodb", "us-east-1", "http://127.0.0.1:5000/", "1.0", "DynamoDB_20120810.DeleteItem", ""),
]
for service, region, url, version, target, text in requests:
    body = text.encode()
    headers = {"content-type": "application/x-amz-json-" + version, "x-amz-target": target}
    ours = aws.sign(credentials, region, service, url, headers, body, now)["authorization"]
    request = botocore.awsrequest.AWSRequest("POST", url, headers, body)
    keys = botocore.credentials.Credentials(*credentials.values())
    moment = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    with mock.patch("botocore.auth.get_current_datetime", lambda *_: moment.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(keys, service, region).add_auth(request)
    print(json.dumps([ours, request.headers["Authorization"]]))
`;

it("signs AWS calls as botocore does", async () => {
  const boot = resolve(__dirname, "../../functions/boot");
  const { stdout } = await run(await installMoto(), ["-c", compare, boot]);
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as [string, string]);
  expect(pairs).toHaveLength(3);
  for (const [ours, theirs] of pairs) {
    expect(ours).toMatch(/^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/20260101\//);
    expect(ours).toBe(theirs);
  }
}, 120_000);
