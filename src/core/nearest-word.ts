/** The word that was probably meant, or `undefined`. Case, `_` and `-` do not count: `cooldownSeconds` is near. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const plain = plainForm(text)
  // Longer than any key of ours: not a slip, and not worth the square of its length.
  if (plain.length > 64) return undefined
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const word of words) {
    const distance = editDistance(plain, plainForm(word))
    const near = Math.max(1, Math.floor(Math.max(plain.length, word.length) / 4))
    if (distance <= near && (best === undefined || distance < best.distance)) best = { word, distance }
  }
  return best?.word
}

/** ` Did you mean build?`, to stand behind a sentence; nothing where no word is near. */
export function didYouMean(near: string | undefined): string {
  return near === undefined ? "" : ` Did you mean ${near}?`
}

function plainForm(text: string): string {
  return text.toLowerCase().replaceAll(/[_-]/g, "")
}

/** The number of letters to insert, delete, replace or exchange with the next one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforePrevious: readonly number[] = []
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const isExchanged = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const exchanged = isExchanged ? (beforePrevious[column - 2] ?? 0) + 1 : replaced
      current.push(Math.min(replaced, exchanged, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length] ?? 0
}
