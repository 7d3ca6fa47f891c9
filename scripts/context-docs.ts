import { join } from "node:path";
import ts from "typescript";
import { CHANGES } from "./app/changes";
import { STEPS } from "./app/changes/effect";

/** What the doc comments of `AppContext` and of all that it is made of say, by the path of a key below `context`; those of backends below their type. */

export interface Doc {
  readonly text: string;
  /** What the tag `@default` says. */
  readonly fallback?: string;
  /** What a change of it does to a standing installation: the effect, and what happens. */
  readonly change?: string;
  /** The effect alone. */
  readonly effect?: string;
}

const root = join(__dirname, "..");

/** A doc comment as one paragraph: its line breaks are the source's. */
const flat = (text: string): string => text.replace(/\s*\n\s*(?:- )?/g, " ").trim();

const docOf = (property: ts.Symbol, checker: ts.TypeChecker): Doc | undefined => {
  const text = flat(ts.displayPartsToString(property.getDocumentationComment(checker)));
  const tag = property.getJsDocTags(checker).find(({ name }) => name === "default");
  if (text === "" && tag === undefined) return undefined;
  return {
    // CDKTF's own comments say it in brackets.
    text: text.replace(/^\((?:Optional|Required)\) /, ""),
    ...(tag && { fallback: flat(ts.displayPartsToString(tag.text)) }),
  };
};

/** Objects that a type stands for: of a union each, of a list its elements. */
const objectsIn = (type: ts.Type, checker: ts.TypeChecker): readonly ts.Type[] => {
  if (type.isUnion()) return type.types.flatMap((one) => objectsIn(one, checker));
  if (checker.isArrayType(type))
    return checker.getTypeArguments(type as ts.TypeReference).flatMap((one) => objectsIn(one, checker));
  const isObject = (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
  return isObject && type.getCallSignatures().length === 0 ? [type] : [];
};

/** Elements of lists have the path of the list here. */
const changesByPath = new Map(
  Object.entries(CHANGES).map(([key, { effect, what, steps }]) => [
    key.replaceAll("[]", ""),
    {
      effect,
      change: `${effect}. ${what}${steps === undefined ? "" : ` Steps: docs/changing.md, "${STEPS[steps]}".`}`,
    },
  ]),
);

/** @returns by path, keys joined by dots; elements of lists have the path of the list */
export const contextDocs = (): ReadonlyMap<string, Doc> => {
  const file = join(root, "scripts/app", "context.ts");
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([file], { ...options, types: ["node"] });
  const checker = program.getTypeChecker();
  const docs = new Map<string, Doc>();
  const walk = (type: ts.Type, path: readonly string[]): void => {
    for (const object of objectsIn(type, checker))
      for (const property of checker.getPropertiesOfType(object)) {
        const at = [...path, property.name];
        if (docs.has(at.join(".")) || at.length > 5) continue;
        const doc = docOf(property, checker);
        if (doc) docs.set(at.join("."), { ...doc, ...changesByPath.get(at.join(".")) });
        walk(checker.getTypeOfSymbol(property), at);
      }
  };
  const typeOf = (path: string, name: string): ts.Type => {
    const source = program.getSourceFile(path);
    const module = source && checker.getSymbolAtLocation(source);
    const found = module && checker.getExportsOfModule(module).find((one) => one.name === name);
    if (!found) throw new Error(`${path} exports no ${name}.`);
    return checker.getDeclaredTypeOfSymbol(found);
  };
  walk(typeOf(file, "AppContext"), []);
  walk(typeOf(join(root, "scripts/app", "backend-tables.ts"), "BackendConfigs"), ["backend"]);
  return docs;
};
