/** What `cdktf init --template=typescript` of cdktf-cli 0.21.0 makes, with the versions that work. */
import { Consumer, tarball, TOOLS } from "./consumer";

/** TypeScript 7 breaks ts-node, which cdktf.json names; TOOLS hold TypeScript at 5.9. */
const TS_NODE = "10.9.2";

const MANIFEST = {
  name: "runners",
  version: "1.0.0",
  main: "main.js",
  types: "main.ts",
  private: true,
  scripts: { build: "tsc", synth: "cdktf synth" },
};

const APP = "npx ts-node main.ts";

const CDKTF_JSON = {
  language: "typescript",
  app: APP,
  projectId: "6e2f7f3c-7c0b-4b53-8e3f-0d4f2e8b7a10",
  sendCrashReports: "false",
  terraformProviders: [],
  terraformModules: [],
  context: {},
};

const TSCONFIG = {
  compilerOptions: {
    alwaysStrict: true,
    declaration: true,
    experimentalDecorators: true,
    inlineSourceMap: true,
    inlineSources: true,
    lib: ["es2018"],
    module: "CommonJS",
    noEmitOnError: true,
    noFallthroughCasesInSwitch: true,
    noImplicitAny: true,
    noImplicitReturns: true,
    noImplicitThis: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    resolveJsonModule: true,
    strict: true,
    strictNullChecks: true,
    strictPropertyInitialization: true,
    stripInternal: true,
    target: "ES2018",
    incremental: true,
    skipLibCheck: true,
  },
  include: ["**/*.ts"],
  exclude: ["node_modules", "cdktf.out"],
};

export interface Packages {
  readonly packages: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
}

/** Such a project with the tarball installed, and `program` as its main.ts. */
export const cdktfInit = async (program: string, { packages, overrides }: Packages): Promise<Consumer> => {
  const consumer = new Consumer();
  const dependencies = { ...packages, "cdktf-ephemeral-runners": `file:${tarball}` };
  const devDependencies = { ...TOOLS, "ts-node": TS_NODE };
  consumer.write("package.json", JSON.stringify({ ...MANIFEST, dependencies, devDependencies, overrides }));
  consumer.write("cdktf.json", JSON.stringify(CDKTF_JSON));
  consumer.write("tsconfig.json", JSON.stringify(TSCONFIG));
  consumer.write("main.ts", program);
  await consumer.install({});
  return consumer;
};

/** What `cdktf synth` runs. */
export const synth = (consumer: Consumer): Promise<string> => consumer.run(APP);
