import base from "./jest.config.mjs";

/**
 * Uses the package as its users do: run by scripts/test-package.sh, which packs it.
 * @type {import("jest").Config}
 */
export default {
  ...base,
  roots: ["<rootDir>/__tests__/package"],
  // It fetches a toolchain of 200 MB: `npm run test:nightly`.
  testPathIgnorePatterns: process.env.NIGHTLY ? [] : ["/package/terrain.test.ts"],
  testTimeout: 240_000,
  maxWorkers: 2,
  verbose: true,
};
