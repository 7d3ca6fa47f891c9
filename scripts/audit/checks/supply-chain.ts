import runner from "../../../constructs/runner-version.json";
import { compareVersions } from "../../../functions/shared/runner-release";
import { demand, fail, hidden, pass } from "../finding";
import { block, blocks, isTrue, textOf } from "../model";
import { touches } from "../policies";
import { runnerRoles } from "../view";
import { alarmsOn } from "./cost";
import { eachTemplate, eachUserData, hiddenOf, unseenRunnerRoles } from "./shared";
import type { Finding } from "../finding";
import type { Template, View } from "../view";
import type { Check, Context } from "./shared";

/** Versions whose hashes and date are known: the one that the package brings. */
const KNOWN: Readonly<
  Record<string, { readonly releasedAt: string; readonly sha256: Readonly<Record<string, string>> }>
> = { [runner.version]: runner };

const ARCHIVE = /actions-runner-linux-(x64|arm64)-(\d+\.\d+\.\d+)\.tar\.gz/;

const SHA256 = /^[0-9a-f]{64}$/;

/** A line on which the check ends in failure when it fails: nothing comes behind it, and no condition before. */
const CHECKED =
  /^(?!\s*(?:if|while|until|!)\b)[^\n#]*\bsha256sum\b[^\n|&;]*\s(?:-\w*c\b|--check\b)[^\n|&;]*$/m;

/** Control 32. */
export const checkedTarball: Check = eachUserData(({ settings, text }, { resource }) => {
  const sha = settings.RUNNER_SHA256 ?? "";
  const [, architecture = "", version = ""] = ARCHIVE.exec(settings.RUNNER_URL ?? "") ?? [];
  const published = KNOWN[version]?.sha256[architecture];
  if (!SHA256.test(sha)) return [fail(resource, "user_data", "the runner is downloaded without a SHA-256")];
  if (!CHECKED.test(text) || !/\$\{?RUNNER_SHA256\b/.test(text))
    return [fail(resource, "user_data", "the boot script does not check the runner's SHA-256")];
  if (published === undefined)
    return [
      hidden(resource, "user_data", `whether GitHub published this SHA-256 for ${version} is not known here`),
    ];
  return [
    demand(
      published === sha,
      resource,
      "user_data",
      `checked, as published for ${version}`,
      `the SHA-256 is not the one that GitHub published for ${version}`,
    ),
  ];
});

/**
 * GitHub registers no older one. Until when it accepts a newer one, it tells who asks, and no plan:
 * https://docs.github.com/en/rest/actions/self-hosted-runners#get-runner-version-end-of-life-schedule-for-an-organization
 */
const OLDEST_VERSION = "2.329.0";
const DAY = 24 * 3600 * 1000;

const RUNNER_LIFE = /runner.*(age|days|version)/i;

/** Control 33. */
export const youngRunner: Check = (view, context) => [
  ...eachUserData(({ settings, text }, { resource }) => [
    isRenewed(view) && takesOffered(text) && !("RUNNER_PINNED" in settings)
      ? pass(resource, "user_data", "machines take the version that GitHub offers")
      : versionOf(settings.RUNNER_URL ?? "", { resource }, view, context),
  ])(view, context),
  ...(view.templates.length === 0 ? [] : [watched(view)]),
];

/** Only a boot script that knows `RUNNER_PINNED` takes the version with its registration: not one of 0.1.0, nor of others. */
const takesOffered = (text: string): boolean => /-v RUNNER_PINNED\b/.test(text);

/** One function renews the parameter that the other one reads. */
const isRenewed = (view: View): boolean => {
  const parameters = (["rotate-tokens", "launch"] as const).map((kind) =>
    textOf(block(view.functionsOf(kind)[0]?.settings?.runner).parameter),
  );
  return parameters[0] !== undefined && parameters[0] === parameters[1];
};

const watched = (view: View): Finding => {
  const [alarm] = alarmsOn(view, RUNNER_LIFE);
  return alarm
    ? pass(alarm, "metric_name", "an alarm watches how long GitHub accepts the runner")
    : fail(view.self, "", "no alarm watches how long GitHub accepts the runner");
};

const versionOf = (
  url: string,
  { resource }: Pick<Template, "resource">,
  view: View,
  { now }: Context,
): Finding => {
  const version = ARCHIVE.exec(url)?.[2];
  if (version === undefined)
    return hidden(
      resource,
      "user_data",
      `which version of the runner ${url || "this user data"} brings is not to be seen here`,
    );
  if (compareVersions(version, OLDEST_VERSION) < 0)
    return fail(
      resource,
      "user_data",
      `GitHub registers no runner older than ${OLDEST_VERSION}, and this is ${version}: name a newer one, or none`,
    );
  const released = KNOWN[version]?.releasedAt;
  const days = released && Math.floor((now.getTime() - Date.parse(released)) / DAY);
  const told = days === undefined ? `runner ${version}` : `runner ${version}, released ${days} days ago`;
  return hidden(
    resource,
    "user_data",
    `${told}, is not renewed; until when GitHub accepts it, ask GitHub: gh api ${pathOf(view)}/actions/runners/deprecations/${version}`,
  );
};

/** Where runners are registered. */
const pathOf = (view: View): string => {
  const { owner, repository } = block(view.functionsOf("launch")[0]?.settings?.github);
  return textOf(repository) === undefined
    ? `orgs/${textOf(owner) ?? "ORG"}`
    : `repos/${textOf(owner)}/${textOf(repository)}`;
};

/** Mounting a disk of the network, or a bucket. */
const SHARED_DISK = /\bmount\b[^\n]*\b(nfs4?|efs|cifs)\b|\b(mount-s3|s3fs|goofys|mount\.efs)\b/;

/** Services that keep what one job leaves for the next. */
const SHARED_SERVICES = ["s3", "elasticfilesystem", "ecr", "ecr-public", "codeartifact", "fsx"];

const disks = ({ resource }: Template): readonly Finding[] => {
  const at = "block_device_mappings.ebs.delete_on_termination";
  const all = blocks(resource.attributes.block_device_mappings).flatMap(({ ebs }) => blocks(ebs));
  if (all.length === 0) return [hidden(resource, at, "what becomes of the disk is said by the image")];
  const kept = all.some(({ delete_on_termination }) => !isTrue(delete_on_termination));
  return [demand(!kept, resource, at, "disks go with the machine", "a disk outlives its machine")];
};

/** Control 34. */
export const nothingShared: Check = (view, context) => [
  ...eachTemplate((template) => disks(template))(view, context),
  ...eachTemplate(({ userData, resource }) =>
    "text" in userData && SHARED_DISK.test(userData.text)
      ? [fail(resource, "user_data", "it mounts what other machines write to")]
      : [],
  )(view, context),
  ...runnerRoles(view).flatMap((role) => {
    const rights = view.rightsOf(role);
    return [
      ...rights.statements
        .filter((one) => SHARED_SERVICES.some((service) => touches(one, service)))
        .map(({ at, attribute, sid }) =>
          fail(at, attribute, `${sid} lets one job write what the next one reads`),
        ),
      ...hiddenOf(rights),
    ];
  }),
  ...unseenRunnerRoles(view),
];
