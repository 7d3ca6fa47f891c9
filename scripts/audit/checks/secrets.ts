import { UNSET } from "../../../functions/shared/contract";
import { fail, hidden, pass } from "../finding";
import { block, isObject, jsonIn, textOf, textsIn } from "../model";
import type { Finding } from "../finding";
import type { Resource } from "../model";
import type { Template, View } from "../view";
import type { Check } from "./shared";

/** What credentials look like. Prefixes: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure */
const SHAPES: readonly (readonly [what: string, shape: RegExp])[] = [
  // The newer installation tokens are ghs_<App>_<JSON web token>.
  ["a GitHub token", /\bgh[opusr]_[\w.-]{16,}/],
  ["a personal access token", /\bgithub_pat_\w{20,}/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a JSON web token", /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/],
  // {".runner": in base64
  ["a JIT configuration", /\beyIucnVubmVyIj/],
  ["a registration token", /\bA[A-Z2-7]{28}\b/],
  ["an AWS access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["the value of a secret", /\$\{[^}]*\.(secret_string|secret_binary)\b/],
  ["a generated password", /\$\{[^}]*\brandom_password\.[\w.[\]-]+\.(result|bcrypt_hash)\b/],
];

/** Names of what holds a secret itself, rather than the name of its parameter. */
const SECRET_NAME =
  /(token|secret|pass(word|wd|phrase)|(private|api|access)[_-]?key|jit[_-]?config|(^|[_-])pat)$/i;

/** A reference to a name, a name such as /acme/key, an ARN, an address, or nothing yet. */
const NO_SECRET =
  /^(\$\{[^}]*\.(arn|id|name|url|function_name)\}|\/[\w./-]+|arn:.*|https?:\/\/.*|unset|true|false|\d*)$/;

/** The constant that Terraform gives GitHub before the rotation function sets the real secret. */
export const THROW_AWAY_SECRET = "replaced-by-token-rotation";

type Texts = readonly (readonly [path: string, text: string])[];

/** What credential the text holds, judging by its shape. */
export const looksLikeCredential = (text: string): string | undefined =>
  SHAPES.find(([, shape]) => shape.test(text) || shape.test(decoded(text)))?.[0];

const decoded = (text: string): string =>
  /^[A-Za-z0-9+/]{40,}={0,2}$/.test(text) ? Buffer.from(text, "base64").toString("latin1") : "";

const leaf = (path: string): string => path.split(".").at(-1) ?? "";

/** Environment of functions, tags: a value below a name that says secret, and that is no name of a parameter. */
const named = (texts: Texts): readonly (readonly [path: string, what: string])[] =>
  texts
    .filter(([path, text]) => SECRET_NAME.test(leaf(path)) && !NO_SECRET.test(text))
    .map(([path]) => [path, "a value where the name of a parameter belongs"]);

const ofResource = (resource: Resource): Texts =>
  textsIn(resource.attributes).flatMap(([path, text]): Texts => {
    const json = jsonIn(text);
    return isObject(json) ? textsIn(json, path) : [[path, text]];
  });

const leaksOf = (resource: Resource): readonly Finding[] => {
  const texts = ofResource(resource);
  const shaped = texts.flatMap(([path, text]) => {
    const what = looksLikeCredential(text);
    return what === undefined ? [] : [[path, what] as const];
  });
  const inNames = texts.filter(([path]) => /^(environment|tags|tag_specifications)\b/.test(path));
  return [...shaped, ...named(inNames)].map(([path, what]) => fail(resource, path, `it holds ${what}`));
};

const userDataLeaks = ({ userData, resource }: Template): readonly Finding[] => {
  const what = "text" in userData ? looksLikeCredential(userData.text) : undefined;
  return what === undefined ? [] : [fail(resource, "user_data", `it holds ${what}`)];
};

/** A value that Terraform is given stands in the plan and in the state; a write-only one does not. */
const parameterLeaks = (resource: Resource): readonly Finding[] => {
  const { type, value, insecure_value, value_wo } = resource.attributes;
  if (type !== "SecureString") return [];
  const kept = Object.entries({ value, insecure_value }).find(([, text]) => (textOf(text) ?? "") !== "");
  if (kept)
    return [fail(resource, kept[0], "a secret parameter has a value in plan and state: use value_wo")];
  const given = textOf(value_wo);
  return given === undefined || given === UNSET
    ? []
    : [fail(resource, "value_wo", `a secret parameter is given another value than "${UNSET}"`)];
};

/** Settings that name the parameter of a secret. */
const SECRET_PARAMETER = /^(secret|token|privateKey|installationToken|registrationToken)Parameter$/;

/** What is no SecureString is not encrypted, and whatever reads a name may read it. */
const plainParameters = (view: View): readonly Finding[] => {
  const names = view.functions.flatMap(({ settings }) =>
    textsIn(settings).flatMap(([path, text]) => (SECRET_PARAMETER.test(leaf(path)) ? [text] : [])),
  );
  return [...new Set(names)]
    .flatMap((name) => view.named(name, "aws_ssm_parameter") ?? [])
    .filter(({ attributes }) => attributes.type !== "SecureString")
    .map((resource) => fail(resource, "type", "a secret stands in it, and is not encrypted"));
};

const webhookLeaks = (resource: Resource): readonly Finding[] => {
  const secret = textOf(block(resource.attributes.configuration).secret);
  return secret === undefined || secret === THROW_AWAY_SECRET
    ? []
    : [
        fail(
          resource,
          "configuration.secret",
          "a secret given to Terraform stands in plan and state: let the rotation function set it",
        ),
      ];
};

/** What a look cannot reach: no leak seen there is no proof. */
const unseen = (view: View): readonly Finding[] => [
  ...view.templates.flatMap(({ userData, resource }) =>
    "hidden" in userData ? [hidden(resource, "user_data", userData.hidden)] : [],
  ),
  ...view.all
    .filter(({ unknown }) => unknown.has("environment"))
    .map((resource) => hidden(resource, "environment", "known after the apply only")),
];

/** Control 3. */
export const noCredentials: Check = (view) => {
  const leaks = [
    ...view.all.flatMap(leaksOf),
    ...view.templates.flatMap(userDataLeaks),
    ...view.of("aws_ssm_parameter").flatMap(parameterLeaks),
    ...plainParameters(view),
    ...view.of("github_organization_webhook", "github_repository_webhook").flatMap(webhookLeaks),
  ];
  const [first = view.self] = [...view.templates.map(({ resource }) => resource), ...view.all];
  const seen = `every text of ${view.all.length} resources was looked through: names only`;
  if (leaks.length > 0) return leaks;
  return view.templates.length + view.functions.length === 0
    ? [hidden(view.self, "", "no launch template and no function of it stands in this stack")]
    : [pass(first, "", seen), ...unseen(view)];
};
