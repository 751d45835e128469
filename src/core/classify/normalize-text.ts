/** Lower case, one space for white space, one apostrophe for all its forms. Lines stay lines. */
export function normalizeText(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[\u2018\u2019\u02BC]/g, "'")
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n")
}

export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[a-z0-9]{3,}/g))
}
