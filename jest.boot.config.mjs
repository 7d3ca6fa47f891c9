/**
 * Boots containers: run by scripts/test-boot.sh, which makes what they boot from.
 * @type {import("jest").Config}
 */
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/__tests__/boot"],
  testMatch: ["**/*.test.ts"],
  // Of what stands in the docs, and takes a minute: `npm run test:nightly`.
  testPathIgnorePatterns: process.env.NIGHTLY ? [] : ["/boot/recipes.test.ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  testTimeout: 120_000,
  maxWorkers: 2,
  verbose: true,
};
