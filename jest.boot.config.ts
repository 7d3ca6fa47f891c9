import type { Config } from "jest";
import base from "./jest.config";

/** Boots containers: run by scripts/test-boot.sh, which makes what they boot from. */
const config: Config = {
  ...base,
  roots: ["<rootDir>/__tests__/boot"],
  testPathIgnorePatterns: [],
  testTimeout: 120_000,
  maxWorkers: 1,
  verbose: true,
};

export default config;
