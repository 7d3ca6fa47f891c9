import base from "./jest.config.mjs";

/**
 * Applies the reference app and drives it: run by scripts/test-e2e.sh, which builds it and finds what it needs.
 * @type {import("jest").Config}
 */
export default {
  ...base,
  roots: ["<rootDir>/__tests__/e2e"],
  testMatch: ["**/*.e2e.test.ts"],
  // Every change of a standing installation takes the better part of an hour: `npm run test:changing`.
  testPathIgnorePatterns: process.env.NIGHTLY ? [] : ["/changing/matrix-", "/e2e/keys-added.e2e.test.ts"],
  testTimeout: 240_000,
  maxWorkers: 2,
  verbose: true,
};
