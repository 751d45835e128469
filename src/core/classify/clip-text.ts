/** Characters looked at of one text: a message stands at its start, a relayed cause often at its end. */
const headChars = 1024
const tailChars = 768

/** The start and the end of a text. Bounds the time of everything after it, whatever the length. */
export function clipText(text: string): string {
  if (text.length <= headChars + tailChars) return text
  return `${text.slice(0, headChars)} ${text.slice(-tailChars)}`
}
