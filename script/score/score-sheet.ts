import type { FailureKind, FailureScope } from "../../src/core/verdict.ts"
import type { Labels } from "./labelled-row.ts"

export const dimensions = ["fallback", "class", "scope", "traps", "retry"] as const
export type Dimension = (typeof dimensions)[number]

/** What the classifier said of one row. */
export type Said = {
  readonly kind: FailureKind
  readonly scope: FailureScope
  readonly fallsBack: boolean
  /** Seconds; `undefined` for no opinion. */
  readonly retryAfter: number | undefined
}

export type Tally = { right: number; of: number }

export type Score = {
  readonly tallies: Readonly<Record<Dimension, Tally>>
  /** `bad_request -> unavailable`, with the lines on which it happened. */
  readonly confusions: ReadonlyMap<string, readonly number[]>
}

export type ScoreSheet = {
  readonly add: (line: number, labels: Labels, said: Said) => void
  readonly score: Score
}

/** A reset may be rounded up to whole seconds, on both sides. */
const retrySlack = 2

/** Counts rows by dimension. `traps` are rows that must not fall back; one is right when it does not. */
export function scoreSheet(): ScoreSheet {
  const tallies: Record<Dimension, Tally> = {
    fallback: { right: 0, of: 0 },
    class: { right: 0, of: 0 },
    scope: { right: 0, of: 0 },
    traps: { right: 0, of: 0 },
    retry: { right: 0, of: 0 },
  }
  const confusions = new Map<string, number[]>()
  const count = (dimension: Dimension, isRight: boolean): void => {
    tallies[dimension].of += 1
    if (isRight) tallies[dimension].right += 1
  }
  const confuse = (text: string, line: number): void => {
    confusions.set(text, [...(confusions.get(text) ?? []), line])
  }
  const add = (line: number, labels: Labels, said: Said): void => {
    const isOther = labels.isArguable && said.fallsBack !== labels.fallsBack
    const isKind = labels.kinds.includes(said.kind)
    const isScope = labels.scopes.includes(said.scope)
    count("fallback", labels.isArguable || said.fallsBack === labels.fallsBack)
    count("class", isKind)
    count("scope", isScope || isOther)
    if (!labels.fallsBack) count("traps", labels.isArguable || !said.fallsBack)
    if (labels.retryAfter !== undefined) {
      const isRight =
        said.retryAfter !== undefined && Math.abs(said.retryAfter - labels.retryAfter) <= retrySlack
      count("retry", isRight)
      if (!isRight) confuse(`retry ${labels.retryAfter} s -> ${said.retryAfter ?? "none"}`, line)
    }
    if (!isKind) confuse(`${labels.kinds[0]} -> ${said.kind}`, line)
    else if (!isScope && !isOther) confuse(`${said.kind}: ${labels.scopes[0]} -> ${said.scope}`, line)
  }
  return { add, score: { tallies, confusions } }
}
