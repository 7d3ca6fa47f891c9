/** Whole seconds, without milliseconds: as GitHub writes times. */
export const asGithubWrites = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
