import runner from "../../../constructs/runner-version.json";
import { demand, fail, hidden, pass } from "../finding";
import { blocks, isTrue } from "../model";
import { touches } from "../policies";
import { runnerRoles } from "../view";
import { alarmsOn } from "./cost";
import { eachTemplate, eachUserData, hiddenOf, unseenRunnerRoles } from "./shared";
import type { Finding } from "../finding";
import type { Template, View } from "../view";
import type { Check } from "./shared";

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

/** https://docs.github.com/en/actions/reference/runners/self-hosted-runners: within 30 days of a release. */
const MOST_DAYS = 30;
const DAY = 24 * 3600 * 1000;

const RUNNER_AGE = /runner.*(age|days|version)/i;

/** Control 33. */
export const youngRunner: Check = (view, context) => [
  ...eachUserData(({ settings }, { resource }) => [
    ageOf(settings.RUNNER_URL ?? "", { resource }, context.now),
  ])(view, context),
  ...(view.templates.length === 0 ? [] : [watched(view)]),
];

const watched = (view: View): Finding => {
  const [alarm] = alarmsOn(view, RUNNER_AGE);
  return alarm
    ? pass(alarm, "metric_name", "an alarm watches the runner's age")
    : fail(view.self, "", "no alarm watches the runner's age");
};

const ageOf = (url: string, { resource }: Pick<Template, "resource">, now: Date): Finding => {
  const version = ARCHIVE.exec(url)?.[2];
  const released = version === undefined ? undefined : KNOWN[version]?.releasedAt;
  if (version === undefined || released === undefined)
    return hidden(resource, "user_data", `when ${version ?? url} was released is not known to this package`);
  const days = Math.floor((now.getTime() - Date.parse(released)) / DAY);
  const told = `runner ${version} was released ${days} days ago`;
  return demand(
    days <= MOST_DAYS,
    resource,
    "user_data",
    told,
    `${told}, and GitHub wants ${MOST_DAYS} at most: update this package, unless there is no newer runner`,
  );
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
