import { patternTextLimit } from "../core/classify/falls-back.ts"

export { patternTextLimit } from "../core/classify/falls-back.ts"

const textBits = Math.log2(patternTextLimit)

/** Two unbounded repetitions and a few choices: under two seconds in the worst case found (`a*a*(a|a)(a|a)(a|a)x`). */
const budgetBits = 2 * textBits + 3

/** A repetition of more than this is counted as unbounded. */
const longestRepetition = 64

/**
 * Why a user's regular expression is refused, or `undefined` when it may be used. JavaScript's engine
 * backtracks and cannot be interrupted: one `(a+)+` on an unlucky error text would freeze OpenCode.
 *
 * An own check, and a stricter one than `safe-regex2`, the kept library for this: that one lets `(a|aa)+`
 * and twenty-five unbounded repetitions in a row pass. Here the number of ways in which a text can be tried
 * is bounded: each repetition and each alternative multiplies the ways, a repeated group must be one plain
 * sequence, and what refers back is refused.
 */
export function unsafePatternReason(source: string): string | undefined {
  try {
    // Compiled only to learn whether it compiles.
    void new RegExp(source, "i")
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return `Not a regular expression: ${message.replace("Invalid regular expression: ", "")}.`
  }
  const { bits, problem } = readAlternatives({ source, at: 0 })
  if (problem !== undefined) return problem
  return bits > budgetBits ? "It could be tried in too many ways: use fewer of * + ? | and {…}." : undefined
}

type Cursor = { readonly source: string; at: number }
/** `bits`: logarithm of the number of ways. `plain`: neither repetition nor alternative inside. */
type Measure = { readonly bits: number; readonly plain: boolean; readonly problem?: string | undefined }

const nested = "A repeated group must not hold a repetition or an alternative: it could hang OpenCode."

function readAlternatives(cursor: Cursor): Measure {
  const branches = [readSequence(cursor)]
  while (cursor.source[cursor.at] === "|") {
    cursor.at += 1
    branches.push(readSequence(cursor))
  }
  return {
    bits: Math.max(...branches.map((branch) => branch.bits)) + Math.log2(branches.length),
    plain: branches.length === 1 && branches.every((branch) => branch.plain),
    problem: branches.find((branch) => branch.problem !== undefined)?.problem,
  }
}

function readSequence(cursor: Cursor): Measure {
  let bits = 0
  let plain = true
  while (cursor.at < cursor.source.length && !"|)".includes(cursor.source.charAt(cursor.at))) {
    const atom = readAtom(cursor)
    if (atom.problem !== undefined) return atom
    const ways = readRepetition(cursor)
    if (ways !== undefined && ways.repeats && !atom.plain) return { bits, plain, problem: nested }
    bits += atom.bits + (ways?.bits ?? 0)
    plain &&= atom.plain && ways === undefined
  }
  return { bits, plain }
}

function readAtom(cursor: Cursor): Measure {
  const rest = cursor.source.slice(cursor.at)
  if (/^\\(?:[1-9]|k<)/.test(rest))
    return { bits: 0, plain: false, problem: "A back-reference (\\1, \\k<name>) is not allowed." }
  const opening = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/.exec(rest)
  if (opening === null) {
    // A class, an escaped character or a plain one; the pattern has compiled, so the class is closed.
    cursor.at += /^(?:\[(?:\\[^]|[^\]\\])*\]|\\[^]|[^])/.exec(rest)?.[0].length ?? 1
    return { bits: 0, plain: true }
  }
  cursor.at += opening[0].length
  const inside = readAlternatives(cursor)
  cursor.at += 1
  return inside
}

function readRepetition(cursor: Cursor): { readonly bits: number; readonly repeats: boolean } | undefined {
  const match = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(cursor.source.slice(cursor.at))
  if (match === null) return undefined
  cursor.at += match[0].length
  if (match[0].startsWith("?")) return { bits: 1, repeats: false }
  if (match[1] === undefined) return { bits: textBits, repeats: true }
  const least = Number(match[1])
  const most = match[2] === "" ? least : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3])
  return { bits: most > longestRepetition ? textBits : Math.log2(most - least + 1), repeats: true }
}
