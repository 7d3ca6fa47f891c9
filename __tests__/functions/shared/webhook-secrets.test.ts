import { acceptedSecrets, parseSecrets } from "../../../functions/shared/webhook-secrets";

const NOW = Date.parse("2026-09-01T12:00:00Z");
const PAST = "2026-09-01T11:59:59Z";
const FUTURE = "2026-09-01T12:00:01Z";

describe("the secrets that are accepted", () => {
  it.each([
    ['{"current":"one"}', ["one"]],
    ['{"current":"one","next":"two"}', ["one", "two"]],
    [`{"current":"one","next":"two","nextSince":"${FUTURE}"}`, ["one", "two"]],
    ['{"current":"two","previous":"one"}', ["two", "one"]],
    [`{"current":"two","previous":"one","previousUntil":"${FUTURE}"}`, ["two", "one"]],
    [`{"current":"two","previous":"one","previousUntil":"${PAST}"}`, ["two"]],
    ['{"current":"two","previous":"one","previousUntil":"2026-09-01T12:00:00.000Z"}', ["two"]],
    ['{"current":"two","previous":"one","previousUntil":"soon"}', ["two"]],
    ['{"current":"two","previous":"one","previousUntil":null}', ["two"]],
    [`{"current":"two","previous":"one","previousUntil":${NOW + 1000}}`, ["two"]],
    ['{"current":"two","previous":""}', ["two"]],
    ['{"current":"two","next":"","previous":"unset"}', ["two"]],
    ['{"current":"two","next":7,"previous":null}', ["two"]],
    ["set by hand", ["set by hand"]],
    ["12345", ["12345"]],
    ['"quoted"', ['"quoted"']],
    ["{not JSON", ["{not JSON"]],
    ['{"current":""}', []],
    ['{"current":"unset","next":"two","previous":"one"}', []],
    ['{"next":"two","previous":"one"}', []],
    ['{"current":7}', []],
    ["{}", []],
    ["unset", []],
    [" ", []],
    [undefined, []],
  ])("are for %j: %j", (value, secrets) => {
    expect(acceptedSecrets(parseSecrets(value), NOW)).toEqual(secrets);
  });
});
