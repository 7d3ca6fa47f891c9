import base, { exhaustive } from "./jest.config.mjs";

/**
 * Every break of every control, every failure of every call, every snippet of the documentation: a minute or two.
 * @type {import("jest").Config}
 */
export default {
  ...base,
  testMatch: exhaustive.map((name) => `**/__tests__/${name}.test.ts`),
  testPathIgnorePatterns: [],
};
