/** What one installation has to do with others of the same app, in whichever stacks they are. Those of other apps nobody sees at synth. */
import { isKnown, shown } from "./validation";
import type { FleetProps } from "./fleet";
import type { GithubConnection } from "./github-connection";
import type { IConstruct } from "constructs";

/** Those of a kind in the whole app, in the order in which they were made. */
export const inApp = <T extends IConstruct>(
  scope: IConstruct,
  isOne: (construct: IConstruct) => construct is T,
): readonly T[] => scope.node.root.node.findAll().filter(isOne);

/** The App whose webhook a connection can set; undefined where synth does not know it. */
const appOf = ({ credential, settings }: GithubConnection): string | undefined =>
  credential.kind === "app" && isKnown(credential.appId)
    ? `${settings.apiUrl} ${credential.appId}`
    : undefined;

/** Who sets which App's webhook. */
export interface SetsAppWebhook extends IConstruct {
  /** Undefined: another webhook. */
  readonly appWebhookOf?: GithubConnection;
}

/** An App has one webhook, and each rotation would set it to the address of its own installation. */
export const sharedWebhookMistakes = (
  own: SetsAppWebhook,
  all: readonly SetsAppWebhook[],
): readonly string[] => {
  const app = own.appWebhookOf && appOf(own.appWebhookOf);
  const first = all.find(({ appWebhookOf }) => appWebhookOf && appOf(appWebhookOf) === app);
  if (app === undefined || first === undefined || first === own) return [];
  return [
    `webhook "app" is the one webhook of App ${app.split(" ")[1]}, and ${first.node.path} sets it already: GitHub sends to one ` +
      'address only. Give one of them an App of its own, or webhook "organization" (or "repository").',
  ];
};

/** Whose jobs an installation serves, by which labels. */
export interface Serves {
  /** The installation's, among the constructs of the app. */
  readonly path: string;
  readonly github: GithubConnection;
  readonly fleets: readonly FleetProps[];
  /** Without their owner; undefined: all. */
  readonly repositories?: readonly string[];
}

const lower = (text: string): string => text.toLowerCase();

const repositoriesOf = ({ github, repositories }: Serves): readonly string[] | undefined =>
  github.settings.repository === undefined ? repositories : [github.settings.repository];

const sharesJobs = (one: Serves, other: Serves): boolean => {
  const [mine, theirs] = [one, other].map(({ github: { settings } }) => settings);
  if (mine?.webUrl !== theirs?.webUrl || lower(mine?.owner ?? "") !== lower(theirs?.owner ?? ""))
    return false;
  const [my, their] = [repositoriesOf(one), repositoriesOf(other)];
  if (my === undefined || their === undefined || !isKnown(my) || !isKnown(their)) return true;
  return my.some((name) => their.some((another) => lower(name) === lower(another)));
};

/** GitHub tells neither cases nor order apart. */
const labelSet = ({ labels }: FleetProps): string | undefined =>
  Array.isArray(labels) && labels.every(isKnown) ? [...new Set(labels.map(lower))].sort().join() : undefined;

/**
 * GitHub gives a job to any runner that has its labels, and tells every webhook of it: with equal labels two installations
 * launch a machine each for one job.
 */
export const sameLabelWarnings = (own: Serves, others: readonly Serves[]): readonly string[] =>
  others
    .filter((other) => sharesJobs(own, other))
    .flatMap((other) =>
      own.fleets.flatMap((fleet, index) => {
        const set = labelSet(fleet);
        const twin = other.fleets.find((one) => set !== undefined && labelSet(one) === set);
        return twin === undefined
          ? []
          : [
              `fleets[${index}] has the labels of fleet ${shown(twin.name)} of ${other.path} (${fleet.labels.join(", ")}), and both serve ` +
                `jobs of ${own.github.settings.owner}: each launches a machine for every such job, and one of the two stays ` +
                "without. Give one of them another label, or name different repositories in each.",
            ];
      }),
    );
