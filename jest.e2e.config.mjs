import base from "./jest.config.mjs";

/** Every change of a standing installation takes the better part of an hour; changing/ten-* make the most dangerous ones. */
const nightly = ["changing/matrix-", "hook-kinds", "keys", "left-behind", "network-change"];

/**
 * Applies the reference app and drives it: run by scripts/test-e2e.sh, which builds it and finds what it needs.
 * @type {import("jest").Config}
 */
export default {
  ...base,
  roots: ["<rootDir>/__tests__/e2e"],
  testMatch: ["**/*.e2e.test.ts"],
  testPathIgnorePatterns: process.env.NIGHTLY ? [] : nightly.map((path) => `/e2e/${path}`),
  testTimeout: 240_000,
  maxWorkers: 2,
  verbose: true,
};
