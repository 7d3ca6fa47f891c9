/** How the file begins, in each encoding that a program on the way may have written it in. */
const MARKS: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** Without a mark: the first character of JSON or Markdown is of ASCII, so one of its two bytes is zero. */
const unmarked = ([first, second]: Uint8Array): string => {
  if (first !== 0 && second === 0) return "utf-16le";
  return first === 0 && second !== 0 && second !== undefined ? "utf-16be" : "utf-8";
};

/**
 * Bytes as text. Windows PowerShell 5.1 writes UTF-16 for `>` and `Out-File`:
 * https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_character_encoding
 */
export const decodeText = (bytes: Uint8Array): string => {
  const marked = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  return new TextDecoder(marked?.[0] ?? unmarked(bytes)).decode(bytes);
};
