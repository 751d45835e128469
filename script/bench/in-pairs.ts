/** The same thing without the plugin and with it, one shortly after the other. */
export type Pair<Value> = { readonly alone: Value; readonly withUs: Value }

/**
 * Measures both in turn, the first of a pair once this and once that: what warms up must not favour one.
 *
 * @param isOver asked before each pair but the first; the rest is left out. Default: never
 */
export async function inPairs<Value>(
  count: number,
  measure: (which: keyof Pair<Value>, pair: number) => Promise<Value>,
  isOver: () => boolean = () => false,
): Promise<readonly Pair<Value>[]> {
  const pairs: Pair<Value>[] = []
  for (let pair = 0; pair < count && (pair === 0 || !isOver()); pair += 1) {
    if (pair % 2 === 0) {
      const alone = await measure("alone", pair)
      pairs.push({ alone, withUs: await measure("withUs", pair) })
    } else {
      const withUs = await measure("withUs", pair)
      pairs.push({ alone: await measure("alone", pair), withUs })
    }
  }
  return pairs
}
