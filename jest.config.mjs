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

/** What tries everything there is to try, and takes its time: `npm run test:exhaustive`, beside `npm test`. */
export const exhaustive = [
  "scripts/app/schema",
  "chaos/chaos",
  "constructs/least-privilege",
  "constructs/policy-size",
  "constructs/props/common",
  "constructs/props/forwarding",
  "docs-snippets",
  "examples",
  "functions/rotate-tokens/secret-failures",
  "functions/rotate-tokens/secret-property",
  "functions/webhook/forgery",
  "functions/webhook/fuzz",
  "same-bytes",
  "scripts/audit/audit",
  "scripts/audit/controls",
  "scripts/bundle",
  "scripts/plan-review/golden",
];

const others = ["e2e/", "boot/", "package/", ...exhaustive.map((name) => `${name}.test.ts`)];

/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  // All cores: half of the time goes into loading modules, and nothing else runs meanwhile.
  maxWorkers: "100%",
  setupFiles: ["<rootDir>/__tests__/support/quiet.ts"],
  roots: ["<rootDir>/__tests__"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: others.map((path) => `/__tests__/${path}`),
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
