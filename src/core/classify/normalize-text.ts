/** Compatibility forms folded (full-width letters, digits and brackets), lower case, one space for white space, one apostrophe. Lines stay lines. */
export function normalizeText(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\u2018\u2019\u02BC\u00B4]/g, "'")
    .replaceAll(/[^\S\n]+/g, " ")
    .replaceAll(/ ?\n[\s]*/g, "\n")
    .trim()
}

export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[a-z0-9]{3,}/g))
}
