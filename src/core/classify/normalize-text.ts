const beyondAscii = /[\u0080-\uFFFF]/

const accented = /[\u00C0-\u024F\u1E00-\u1EFF]/g

/** Latin letters without their accents, which are left out as often as not: `límite` and `limite` are one word. */
export function withoutAccents(text: string): string {
  return text.replaceAll(accented, (letter) => letter.normalize("NFD").charAt(0))
}

/** Compatibility forms folded: full-width letters, digits and brackets; no accents. */
export function foldText(text: string): string {
  if (!beyondAscii.test(text)) return text
  return withoutAccents(
    text
      .normalize("NFKC")
      .replaceAll(/[\u2018-\u201B\u02BC\u00B4]/g, "'")
      .replaceAll(/[\u201C-\u201F]/g, '"'),
  )
}

/** "couldn't reach". */
function withoutContractions(text: string): string {
  return text.includes("n't") ? text.replaceAll("can't", "cannot").replaceAll("n't", " not") : text
}

/** Lower case, no contractions, one space for white space, one apostrophe. Lines stay lines. @param text folded */
export function normalizeText(text: string): string {
  const lower = withoutContractions(text.toLowerCase().trim())
  if (!/[\t\r\n\v\f]| {2}/.test(lower)) return lower
  return lower.replaceAll(/[^\S\n]+/g, " ").replaceAll(/ ?\n\s*/g, "\n")
}

const tag = /<(?:style|script)\b[^>]*>[^<]*|<(?=[a-z/!?])[^>]{1,300}>/gi

/** A page says what it says without its tags. */
export function withoutTags(text: string): string {
  return /<(?:!doctype|html|head|body|title|center|h[1-6]|pre|p)\b/i.test(text)
    ? text.replaceAll(tag, " ").trim()
    : text
}
