import type { Config } from "jest";

const esmOnly = ["@octokit", "universal-", "before-after-hook", "p-limit", "yocto-queue", "content-type", "json-with-bigint"];

const config: Config = {
  testEnvironment: "node",
  roots: ["<rootDir>/__tests__"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/__tests__/e2e/"],
  transform: {
    "^.+\\.[jt]s$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join("|")}))`],
};

export default config;
