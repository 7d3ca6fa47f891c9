import base from "./jest.config.mjs";

/**
 * Uses the package as its users do: run by scripts/test-package.sh, which packs it.
 * @type {import("jest").Config}
 */
export default {
  ...base,
  roots: ["<rootDir>/__tests__/package"],
  testPathIgnorePatterns: [],
  testTimeout: 240_000,
  maxWorkers: 2,
  verbose: true,
};
