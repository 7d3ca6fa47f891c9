import js from "@eslint/js";
import globals from "globals";
import tseslint from "typescript-eslint";

const providerBarrels = ["@cdktf/provider-aws", "@cdktf/provider-github"].map((name) => ({
  name,
  message: `Import from "${name}/lib/<resource>": the barrel costs ten times the time and memory.`,
}));

const noImports = (...patterns) => ({
  "no-restricted-imports": ["error", { paths: providerBarrels, patterns }],
});

export default tseslint.config(
  { ignores: ["lib/", "cdktf.out/", ".cache/", "node_modules/"] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      globals: globals.node,
      parserOptions: {
        projectService: { allowDefaultProject: ["*.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      ...noImports(),
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      eqeqeq: "error",
    },
  },
  {
    files: ["constructs/**"],
    rules: noImports({
      group: [
        "**/functions/*",
        "!**/functions/shared",
        "**/functions/shared/*",
        "!**/functions/shared/contract",
        "!**/functions/bundled-function",
      ],
      message: "Synth time knows of run time only functions/shared/contract.",
    }),
  },
  {
    files: ["functions/**"],
    rules: noImports({
      group: ["cdktf", "constructs", "@cdktf/*", "**/constructs/*"],
      message: "Run time never imports synth time.",
    }),
  },
  {
    files: ["__tests__/**"],
    rules: { "max-lines-per-function": "off", "@typescript-eslint/unbound-method": "off" },
  },
);
