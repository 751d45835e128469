import { expect, test } from "bun:test"
import { nearestWord } from "../../../src/core/nearest-word.ts"

test.each<[what: string, text: string, words: readonly string[], meant: string | undefined]>([
  ["case, `_` and `-` do not count", "cooldown-Seconds", ["cooldown_seconds"], "cooldown_seconds"],
  ["a letter too much", "modells", ["models"], "models"],
  ["a letter too few", "modls", ["models"], "models"],
  ["another letter", "modets", ["models"], "models"],
  ["letters that were exchanged", "mdoels", ["models"], "models"],
  ["a quarter of the letters may be wrong", "abcdefgh", ["abcdefxx"], "abcdefxx"],
  ["and no more", "abcdefgh", ["abcdexxx"], undefined],
  ["of a short word one", "ab", ["ax"], "ax"],
  ["and not two", "ab", ["xy"], undefined],
  ["the nearest, not the first", "models", ["modxxs", "modxls", "models"], "models"],
  ["of two alike the first", "ab", ["ac", "ad"], "ac"],
  ["a long word", "x".repeat(64), ["x".repeat(60)], "x".repeat(60)],
  ["none that is longer than any of ours", "x".repeat(65), ["x".repeat(65)], undefined],
  ["nothing of nothing", "a", [], undefined],
])("%s: %s", (_, text, words, meant) => {
  expect(nearestWord(text, words)).toBe(meant as string)
})
