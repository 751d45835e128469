const beyondAscii = /[\u0080-\uFFFF]/

/** Compatibility forms folded: full-width letters, digits and brackets. */
export function foldText(text: string): string {
  return beyondAscii.test(text) ? text.normalize("NFKC").replaceAll(/[\u2018\u2019\u02BC\u00B4]/g, "'") : text
}

/** Lower case, one space for white space, one apostrophe. Lines stay lines. @param text folded */
export function normalizeText(text: string): string {
  const lower = text.toLowerCase().trim()
  if (!/[\t\r\n\v\f]| {2}/.test(lower)) return lower
  return lower.replaceAll(/[^\S\n]+/g, " ").replaceAll(/ ?\n\s*/g, "\n")
}

export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[a-z0-9]{3,}/g))
}

const tag = /<(?:style|script)\b[^>]*>[^<]*|<[^>]{1,300}>/gi

/** A page says what it says without its tags. */
export function withoutTags(text: string): string {
  return /<(?:!doctype|html|head|body|title|center)\b/i.test(text) ? text.replaceAll(tag, " ") : text
}
