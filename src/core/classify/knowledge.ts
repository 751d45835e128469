import {
  type CodeRow,
  defaultScopes,
  type FailureKind,
  type FailureScope,
  type PhraseRow,
  type Row,
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

type Place<Of> = { readonly family: string; readonly row: Of }
type CodePlace = Place<CodeRow> & { readonly strength: Strength }

/** Everything one set of rows knows, in the order of the tables: the first that fits counts. */
export type Index = {
  readonly codes: ReadonlyMap<string, CodePlace>
  readonly codeFamilies: readonly (readonly [pattern: RegExp, place: CodePlace])[]
  readonly statuses: ReadonlyMap<number, Finding>
  readonly phrases: readonly Place<PhraseRow>[]
}

export type Family = { readonly table: Table; readonly own: () => Index }

/** The indexes are large, and most starts of OpenCode never meet a failure. */
function onFirstUse(build: () => Index): () => Index {
  let built: Index | undefined
  return () => (built ??= build())
}

export function codesOf(row: CodeRow): readonly [strength: Strength, codes: readonly (string | RegExp)[]] {
  if ("proof" in row) return ["proof", row.proof]
  return "hint" in row ? ["hint", row.hint] : ["vague", row.vague]
}

export function isCodeRow(row: Row): row is CodeRow {
  return "proof" in row || "hint" in row || "vague" in row
}

/** Plain loops: this runs once, so what counts is how little code it touches. */
function buildIndex(from: readonly Table[], section: "own" | "shared" | "transport"): Index {
  const codes = new Map<string, CodePlace>()
  const codeFamilies: [RegExp, CodePlace][] = []
  const statuses = new Map<number, Finding>()
  const phrases: Place<PhraseRow>[] = []
  for (const { family, [section]: rows = [] } of from) {
    for (const row of rows) {
      if ("statuses" in row) {
        const { kind, scope } = row
        for (const status of row.statuses)
          statuses.set(status, { kind, scope, rule: `${family}: status ${status}` })
      } else if (isCodeRow(row)) {
        const [strength, listed] = codesOf(row)
        const place = { family, row, strength }
        for (const code of listed) {
          if (typeof code !== "string") codeFamilies.push([code, place])
          else if (!codes.has(code)) codes.set(code, place)
        }
      } else phrases.push({ family, row })
    }
  }
  return { codes, codeFamilies, statuses, phrases }
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

function placeOf({ codes, codeFamilies }: Index, code: string): CodePlace | undefined {
  return codes.get(code) ?? codeFamilies.find(([pattern]) => pattern.test(code))?.[1]
}

/** The code as it stands, then without its last dotted parts: `RateLimitExceeded.EndpointRPMExceeded`. */
export function findCode(index: Index, codes: Iterable<string>, strength: Strength): Finding | undefined {
  for (const code of codes) {
    let part = code
    for (let cut = 0; cut < 4 && part !== ""; cut += 1) {
      const place = placeOf(index, part)
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

/** The first row that fits a text, with what of the text it is told by. */
export function findPhrase(index: Index, text: string): Finding | undefined {
  for (const { family, row } of index.phrases) {
    const { kind, scope, phrases, pattern } = row
    const said =
      phrases?.find((phrase) => text.includes(phrase)) ?? (phrases ? undefined : pattern?.exec(text)?.[0])
    if (said !== undefined && pattern?.test(text) !== false)
      return { kind, scope, rule: `${family}: text "${said}"` }
  }
  return undefined
}
