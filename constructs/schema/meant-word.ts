/** What a word that is not known was meant for: a slip of the keys, an abbreviation, or another system's name for it. */

/** Letters to put in, take out or change, to make the one word of the other. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [place, other] of [...to].entries())
      next.push(
        Math.min(
          (row[place] ?? 0) + (letter === other ? 0 : 1),
          (row[place + 1] ?? 0) + 1,
          (next[place] ?? 0) + 1,
        ),
      );
    row = next;
  }
  return row[to.length] ?? 0;
};

/** `use_lockfile`, `appID`: spelt as elsewhere. */
const plain = (word: string): string => word.replace(/[_\s-]/g, "").toLowerCase();

/** The shortest beginning of a word that tells which. */
const LEAST = 3;
const SLIPS = 2;

const isNear = (word: string, known: string): boolean => {
  const [shorter = "", longer = ""] = [word, known].sort((a, b) => a.length - b.length);
  if (shorter.length >= LEAST && longer.startsWith(shorter)) return true;
  const slips = distance(shorter, longer);
  return slips <= SLIPS && slips * 2 < longer.length;
};

/** Names that other systems have for parts of our props' names; those that stand for nothing are not compared. */
const SAME: Readonly<Record<string, string>> = {
  ami: "image",
  arch: "architecture",
  az: "availability zone",
  count: "",
  disk: "root volume",
  gb: "",
  host: "machine",
  instance: "machine",
  limit: "maximum",
  max: "maximum",
  number: "",
  of: "",
  organisation: "org",
  organization: "org",
  quota: "maximum",
  repo: "repository",
  runner: "machine",
  sg: "security group",
  size: "",
  vm: "machine",
  worker: "machine",
};

const singular = (word: string): string => word.replace(/ies$/, "y").replace(/s$/, "");

const wordsOf = (name: string): readonly string[] =>
  (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).flatMap((part) => {
    const word = singular(part.toLowerCase());
    return (Object.hasOwn(SAME, word) ? (SAME[word] ?? "") : word).split(" ").filter((one) => one !== "");
  });

/** Whether both names are made of the same words, in whatever order: `runners_maximum_count`, `maximumMachines`. */
export const isSame = (name: string, known: string): boolean => {
  const words = [...wordsOf(name)].sort().join();
  return words !== "" && words === [...wordsOf(known)].sort().join();
};

/** The known word that is most like this one; undefined where none is. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const forms = (one: string): readonly string[] => [plain(one), wordsOf(one).join("")];
  const far = (other: string): number => distance(plain(word), plain(other));
  return (
    known.find((other) => isSame(word, other)) ??
    known
      .filter((other) => forms(word).some((form, index) => isNear(form, forms(other)[index] ?? "")))
      .sort((a, b) => far(a) - far(b))[0]
  );
};

/** What Debian, Go, `uname` and others call the two architectures, and the one market. */
const VALUES: Readonly<Record<string, string>> = {
  amd64: "x64",
  x8664: "x64",
  x86: "x64",
  i386: "x64",
  intel: "x64",
  aarch64: "arm64",
  graviton: "arm64",
  demand: "on-demand",
};

/** The allowed text that was meant. */
export const meantValue = (value: unknown, allowed: readonly (string | number)[]): string | undefined => {
  if (typeof value !== "string" || value === "") return undefined;
  const other = VALUES[plain(value)];
  const texts = allowed.filter((one) => typeof one === "string");
  return other !== undefined && texts.includes(other) ? other : nearest(value, texts);
};
