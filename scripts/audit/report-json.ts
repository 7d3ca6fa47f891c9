import type { Audit } from "./audit";

/** The audit as one object: for programs. */
export const reportJson = ({ score, of, form, controls, installations }: Audit): string =>
  `${JSON.stringify(
    {
      score,
      of,
      input: form,
      controls,
      installations: installations.map(({ name, members }) => ({
        name,
        resources: members.map(({ resource: { address }, why }) => ({ address, why })),
      })),
    },
    null,
    2,
  )}\n`;
