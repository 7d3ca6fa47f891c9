import { readSettings, SettingsError } from "../../../functions/shared/settings";

it("reads the settings that the construct wrote", () => {
  expect(readSettings({ SETTINGS: '{"queueUrl":"https://sqs"}' })).toEqual({ queueUrl: "https://sqs" });
});

it.each([[undefined], [""], ["{"], ["null"], ['"text"'], ["[]"]])(
  "refuses %j and says what to do",
  (text) => {
    expect(() => readSettings({ SETTINGS: text })).toThrow(SettingsError);
    expect(() => readSettings({ SETTINGS: text })).toThrow(
      /^The environment variable SETTINGS is not .*: apply the stack again\.$/,
    );
  },
);
