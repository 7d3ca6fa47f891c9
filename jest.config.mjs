/** Packages that ship ES modules only, which jest has to be told to translate. */
const esModules = [
  "@octokit",
  "universal-",
  "before-after-hook",
  "p-limit",
  "yocto-queue",
  "content-type",
  "json-with-bigint",
];

/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  // All cores: half of the time goes into loading modules, and nothing else runs meanwhile.
  maxWorkers: "100%",
  setupFiles: ["<rootDir>/__tests__/support/quiet.ts"],
  roots: ["<rootDir>/__tests__"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/__tests__/e2e/", "/__tests__/boot/", "/__tests__/package/"],
  // As a user writes it, in the examples.
  moduleNameMapper: { "^cdktf-ephemeral-runners$": "<rootDir>/constructs" },
  transform: {
    "^.+\\.m?[jt]s$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join("|")}))`],
};
