import { tables } from "./tables/tables.ts"
import { defaultScopes } from "./rule.ts"
import type { FailureKind, FailureScope, Knowledge, Strength, Table } from "./rule.ts"

export type { Strength } from "./rule.ts"

/** A row of a table, ready to be looked up. */
export type Finding = {
  readonly kind: FailureKind
  readonly scope: FailureScope | undefined
  readonly rule: string
}
type CodeFinding = Finding & { readonly strength: Strength }
type PhraseFinding = Finding & {
  readonly phrase: string
  readonly pattern: RegExp | undefined
  readonly order: number
}

/** Everything one set of rows knows. */
export type Index = {
  readonly codes: ReadonlyMap<string, CodeFinding>
  readonly statuses: ReadonlyMap<number, Finding>
  /** By each phrase's longest word. */
  readonly phrases: ReadonlyMap<string, readonly PhraseFinding[]>
  /** Phrases without a Latin word (Chinese has no spaces): compared one by one. */
  readonly wordless: readonly PhraseFinding[]
}

export type Family = { readonly table: Table; readonly own: () => Index }

/** The indexes are large, and most starts of OpenCode never meet a failure. */
function onFirstUse(build: () => Index): () => Index {
  let built: Index | undefined
  return () => (built ??= build())
}

function anchorOf(phrase: string): string | undefined {
  const words = phrase.match(/[a-z0-9]{3,}/g) ?? []
  return words.toSorted((a, b) => b.length - a.length)[0]
}

function buildIndex(parts: readonly (readonly [family: string, knowledge: Knowledge])[]): Index {
  const codes = new Map<string, CodeFinding>()
  const statuses = new Map<number, Finding>()
  const phrases = new Map<string, PhraseFinding[]>()
  const wordless: PhraseFinding[] = []
  let order = 0
  for (const [family, knowledge] of parts) {
    for (const { codes: names, kind, scope, strength } of knowledge.codes ?? []) {
      for (const name of names) {
        if (codes.has(name)) continue
        codes.set(name, { kind, scope, strength, rule: `${family}: code ${name}` })
      }
    }
    for (const { statuses: numbers, kind, scope } of knowledge.statuses ?? []) {
      for (const status of numbers) statuses.set(status, { kind, scope, rule: `${family}: status ${status}` })
    }
    for (const { phrases: texts, kind, scope, pattern } of knowledge.phrases ?? []) {
      for (const phrase of texts) {
        const finding = {
          kind,
          scope,
          phrase,
          pattern,
          order: (order += 1),
          rule: `${family}: text "${phrase}"`,
        }
        const anchor = anchorOf(phrase)
        if (anchor === undefined) wordless.push(finding)
        else phrases.set(anchor, [...(phrases.get(anchor) ?? []), finding])
      }
    }
  }
  return { codes, statuses, phrases, wordless }
}

const families: readonly Family[] = tables.map((table) => ({
  table,
  own: onFirstUse(() => buildIndex((table.own ?? []).map((part) => [table.family, part]))),
}))

function indexOfAll(section: "shared" | "transport" | "late"): Index {
  return buildIndex(
    tables.flatMap((table) => (table[section] ?? []).map((part) => [table.family, part] as const)),
  )
}

export const shared = onFirstUse(() => indexOfAll("shared"))
export const transport = onFirstUse(() => indexOfAll("transport"))
export const late = onFirstUse(() => indexOfAll("late"))

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
export function findCode(index: Index, codes: Iterable<string>, strength: Strength): CodeFinding | undefined {
  for (const code of codes) {
    let part = code
    for (let cut = 0; cut < 4 && part !== ""; cut += 1) {
      const finding = index.codes.get(part)
      if (finding !== undefined) {
        if (finding.strength === strength) return finding
        break
      }
      const dot = part.lastIndexOf(".")
      if (dot < 0) break
      part = part.slice(0, dot)
    }
  }
  return undefined
}

function fits(finding: PhraseFinding, text: string): boolean {
  return text.includes(finding.phrase) && (finding.pattern === undefined || finding.pattern.test(text))
}

/** The earliest row whose phrase stands in the text. `words` are the text's words. */
export function findPhrase(
  index: Index,
  text: string,
  words: ReadonlySet<string>,
): PhraseFinding | undefined {
  let best: PhraseFinding | undefined
  for (const word of words) {
    for (const finding of index.phrases.get(word) ?? []) {
      if ((best === undefined || finding.order < best.order) && fits(finding, text)) best = finding
    }
  }
  for (const finding of index.wordless) {
    if ((best === undefined || finding.order < best.order) && fits(finding, text)) best = finding
  }
  return best
}
