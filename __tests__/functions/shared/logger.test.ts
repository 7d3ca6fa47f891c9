import { RunnersError } from "../../../functions/shared/errors";
import { GithubError } from "../../../functions/shared/github";
import { logger } from "../../../functions/shared/logger";
import { captureLogs, type CapturedLogs } from "../../support/logs";

class CapacityError extends RunnersError {}

let logs: CapturedLogs;

beforeEach(() => {
  logs = captureLogs();
});

afterEach(() => logs.restore());

it("writes one JSON object a line, with the message and the fields beside each other", () => {
  logger.info("machine launched", { fleet: "linux", jobId: 7, note: "two\nlines" });

  expect(logs.text().match(/\n/g)).toHaveLength(1);
  expect(logs.lines()).toMatchObject([
    { level: "INFO", message: "machine launched", fleet: "linux", jobId: 7, note: "two\nlines" },
  ]);
});

it("writes the class, the sentence and the cause of an error", () => {
  const cause = new GithubError("GET /x", 503, "down");

  logger.error("launch failed", { error: new CapacityError("Try later.", { cause }) });

  expect(logs.lines()).toMatchObject([
    { error: { name: "CapacityError", message: "Try later.", cause: { name: "GithubError", status: 503 } } },
  ]);
});

it.each([["authorization"], ["encoded_jit_config"], ["privateKey"], ["secret"], ["signature"], ["token"]])(
  "writes no %s, however deep it lies",
  (field) => {
    logger.info("careless", { answer: { data: [{ [field]: "s3cret-value" }] } });

    expect(logs.text()).toContain("[redacted]");
    expect(logs.text()).not.toContain("s3cret-value");
  },
);
