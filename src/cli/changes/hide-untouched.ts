/** A text, or a run of anything that is neither white space nor punctuation of JSON: numbers, words of comments. */
const token = /"(?:[^"\\]|\\.)*"?(?=(\s*:)?)|[^\s"{}[\],:]+/g

const harmless = /^(?:true|false|null|-?\d{1,8}(?:\.\d+)?|\/\/|\/\*|\*\/)$/

/**
 * A unified diff in which the change can be read and nothing else: a value that stands in both texts is shown as
 * `…`, because it may be a key. Names of settings stay.
 */
export function hideUntouched(diff: string, before: string, after: string): string {
  return diff
    .split("\n")
    .map((line) => {
      if (/^(?:---|\+\+\+|@@|\\)/.test(line)) return line
      return (
        line.slice(0, 1) +
        line.slice(1).replaceAll(token, (text: string, colon?: string) => {
          const isTouched = !before.includes(text) || !after.includes(text)
          if (isTouched || colon !== undefined || harmless.test(text)) return text
          return text.startsWith('"') ? '"…"' : "…"
        })
      )
    })
    .join("\n")
}
