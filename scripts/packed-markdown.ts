/** The documentation as the package has it: without links to what stands in the repository only. */

const FENCED = /^ *(?<fence>`{3,})[^]*?^ *\k<fence>`* *$/;
const LINK = /!?\[(?<text>(?:[^\][]|`[^`\n]*`)*)\]\(\s*<?(?<target>[^\s)>]+)>?(?:\s+"(?<title>[^"]*)")?\s*\)/;
const CODE = /(?<ticks>`+)(?!`)[^\n]*?(?<!`)\k<ticks>(?!`)/;

/** Code is left alone; a link begins before the code in its text. */
const PARTS = new RegExp([FENCED, LINK, CODE].map(({ source }) => source).join("|"), "gm");

interface Link {
  readonly text?: string;
  readonly target?: string;
  readonly title?: string;
}

const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i;

const TESTS = /(?:^|\/)__tests__\//;

/** What stands in the place of a link: its text, and which test was meant. */
const unlinked = (text: string, target: string, title: string | undefined): string =>
  title === undefined || !TESTS.test(target) ? text : `${text} ("${title}")`;

/** For who reads the names of tests without links. */
export const TESTS_NOTE =
  "What stands in quotation marks in parentheses is the name of a test, in the repository of this package.";

/**
 * @param isPacked whether a target, relative to this page and without its anchor, is in the package
 */
export const packedMarkdown = (markdown: string, isPacked: (target: string) => boolean): string => {
  let namesTests = false;
  const packed = markdown.replaceAll(PARTS, (whole: string, ...groups: readonly unknown[]) => {
    const { text = "", target, title } = groups.at(-1) as Link;
    if (target === undefined || ELSEWHERE.test(target)) return whole;
    const [path = ""] = target.split("#");
    if (isPacked(decodeURIComponent(path))) return whole;
    namesTests ||= title !== undefined && TESTS.test(target);
    return unlinked(text, target, title);
  });
  return namesTests ? `${packed.trimEnd()}\n\n${TESTS_NOTE}\n` : packed;
};
