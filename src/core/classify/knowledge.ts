import {
  type CodeRow,
  defaultScopes,
  type FailureKind,
  type FailureScope,
  type PhraseRow,
  type StatusRow,
  type Strength,
  type Table,
} from "./rule.ts"
import { tables } from "./tables/tables.ts"

export type { Strength } from "./rule.ts"

/** A row of a table, ready to be looked up. */
export type Finding = {
  readonly kind: FailureKind
  readonly scope: FailureScope | undefined
  readonly rule: string
}

/** Where a row stands; what it says of a rule is put together when it is found. */
type CodePlace = { readonly family: string; readonly row: CodeRow; readonly strength: Strength }
type PhrasePlace = {
  readonly family: string
  readonly row: PhraseRow
  readonly phrase: string
  readonly order: number
}

/** Everything one set of rows knows. */
export type Index = {
  readonly codes: ReadonlyMap<string, CodePlace>
  readonly statuses: ReadonlyMap<number, Finding>
  /** By each phrase's longest word. */
  readonly phrases: ReadonlyMap<string, readonly PhrasePlace[]>
  /** Phrases without a Latin word (Chinese has no spaces): compared one by one. */
  readonly wordless: readonly PhrasePlace[]
}

export type Family = { readonly table: Table; readonly own: () => Index }

/** The indexes are large, and most starts of OpenCode never meet a failure. */
function onFirstUse(build: () => Index): () => Index {
  let built: Index | undefined
  return () => (built ??= build())
}

const latinWords = /[a-z0-9]{3,}/g
const noRows: readonly never[] = []

function anchorOf(phrase: string): string | undefined {
  let longest: string | undefined
  for (const word of phrase.match(latinWords) ?? noRows) {
    if (word.length > (longest?.length ?? 0)) longest = word
  }
  return longest
}

type Draft = {
  readonly codes: Map<string, CodePlace>
  readonly statuses: Map<number, Finding>
  readonly phrases: Map<string, PhrasePlace[]>
  readonly wordless: PhrasePlace[]
  order: number
}

function addPhrases(draft: Draft, family: string, row: PhraseRow): void {
  for (const phrase of row.phrases) {
    const place = { family, row, phrase, order: (draft.order += 1) }
    const anchor = anchorOf(phrase)
    if (anchor === undefined) draft.wordless.push(place)
    else draft.phrases.set(anchor, [...(draft.phrases.get(anchor) ?? noRows), place])
  }
}

export function codesOf(row: CodeRow): readonly [strength: Strength, codes: readonly string[]] {
  if ("proof" in row) return ["proof", row.proof]
  return "hint" in row ? ["hint", row.hint] : ["vague", row.vague]
}

function addCodes(draft: Draft, family: string, row: CodeRow): void {
  const [strength, codes] = codesOf(row)
  const place = { family, row, strength }
  for (const code of codes) if (!draft.codes.has(code)) draft.codes.set(code, place)
}

function addStatuses(draft: Draft, family: string, { statuses, kind, scope }: StatusRow): void {
  for (const status of statuses)
    draft.statuses.set(status, { kind, scope, rule: `${family}: status ${status}` })
}

/** Plain loops: this runs once, so what counts is how little code it touches. */
function buildIndex(from: readonly Table[], section: "own" | "shared" | "transport"): Index {
  const draft: Draft = { codes: new Map(), statuses: new Map(), phrases: new Map(), wordless: [], order: 0 }
  for (const table of from) {
    for (const { rows } of table[section] ?? noRows) {
      for (const row of rows) {
        if ("phrases" in row) addPhrases(draft, table.family, row)
        else if ("statuses" in row) addStatuses(draft, table.family, row)
        else addCodes(draft, table.family, row)
      }
    }
  }
  return draft
}

const families: readonly Family[] = tables.map((table) => ({
  table,
  own: onFirstUse(() => buildIndex([table], "own")),
}))

export const shared = onFirstUse(() => buildIndex(tables, "shared"))
export const transport = onFirstUse(() => buildIndex(tables, "transport"))

/** The first family whose pattern fits OpenCode's provider id, or `undefined` for an id never heard of. */
export function familyOf(provider: string | undefined): Family | undefined {
  if (provider === undefined) return undefined
  const id = provider.slice(0, 200).toLowerCase()
  return families.find(({ table }) => table.providers?.test(id) === true)
}

export function scopeOf(finding: Finding, family: Family | undefined): FailureScope {
  return finding.scope ?? family?.table.scopes?.[finding.kind] ?? defaultScopes[finding.kind]
}

/** The code as it stands, then without its last dotted parts: `RateLimitExceeded.EndpointRPMExceeded`. */
export function findCode(index: Index, codes: Iterable<string>, strength: Strength): Finding | undefined {
  for (const code of codes) {
    let part = code
    for (let cut = 0; cut < 4 && part !== ""; cut += 1) {
      const place = index.codes.get(part)
      if (place !== undefined) {
        const { family, row } = place
        if (place.strength !== strength) break
        return { kind: row.kind, scope: row.scope, rule: `${family}: code ${part}` }
      }
      const dot = part.lastIndexOf(".")
      if (dot < 0) break
      part = part.slice(0, dot)
    }
  }
  return undefined
}

function fits({ phrase, row }: PhrasePlace, text: string): boolean {
  return text.includes(phrase) && (row.pattern === undefined || row.pattern.test(text))
}

/** The earliest row whose phrase stands in the text. `words` are the text's words. */
export function findPhrase(index: Index, text: string, words: ReadonlySet<string>): Finding | undefined {
  let best: PhrasePlace | undefined
  const look = (places: readonly PhrasePlace[]): void => {
    for (const place of places) {
      if ((best === undefined || place.order < best.order) && fits(place, text)) best = place
    }
  }
  for (const word of words) {
    const places = index.phrases.get(word)
    if (places !== undefined) look(places)
  }
  look(index.wordless)
  return best && { kind: best.row.kind, scope: best.row.scope, rule: `${best.family}: text "${best.phrase}"` }
}
