import type { KnownCatalog } from "./catalog.ts"
import { modelIdentity } from "./model-identity.ts"
import { type ModelKey, modelRef, parseModelKey, providerOf } from "./model-ref.ts"
import { nearestWord } from "./nearest-word.ts"
import { isAnyModelOf } from "./same-model-elsewhere.ts"

/**
 * The model that was probably meant by a name that the catalog does not hold. In this order: a slip of the
 * fingers, the same family (of the version written, or else the newest), the same model at another provider.
 *
 * @example suggestModel("google/gemini-3-pro", catalog) // "google/gemini-3.1-pro-preview"
 */
export function suggestModel(written: string, catalog: KnownCatalog): ModelKey | undefined {
  const key = parseModelKey(written)
  if (key === undefined) return bareName(written, catalog)
  const { providerID, modelID } = modelRef(key)
  const provider = catalog.providers.has(providerID)
    ? providerID
    : nearestWord(providerID, [...catalog.providers])
  if (provider !== undefined && isAnyModelOf(key)) return `${provider}/*`
  const keys = [...catalog.models.keys()]
  const ids = keys.filter((known) => providerOf(known) === provider).map((known) => modelRef(known).modelID)
  const slip = nearestSpelling(modelID, ids)
  const near = slip ?? sameFamily(modelID, provider ?? "", catalog) ?? nearestWord(modelID, ids)
  if (provider !== undefined && near !== undefined) return `${provider}/${near}`
  const elsewhere = keys.find((known) => modelRef(known).modelID.toLowerCase() === modelID.toLowerCase())
  // Two letters that changed places are too much for a short id, but not for the whole name.
  return elsewhere ?? keys.find((known) => known === nearestWord(key, keys))
}

/** A name without its provider: where only one provider has it, that one was meant. */
function bareName(written: string, catalog: KnownCatalog): ModelKey | undefined {
  const id = written.trim().toLowerCase()
  const holders = [...catalog.models.keys()].filter((key) => modelRef(key).modelID.toLowerCase() === id)
  return holders.length === 1 ? holders[0] : undefined
}

/** Only letters and signs may be wrong: another digit is another version, which the dates decide. */
function nearestSpelling(id: string, ids: readonly string[]): string | undefined {
  const written = withoutSigns(id)
  const slip = ids.find((known) => withoutSigns(known) === written)
  const sameDigits = ids.filter((known) => digitsOf(known) === digitsOf(id))
  return slip ?? nearestWord(id, sameDigits)
}

function withoutSigns(id: string): string {
  return id.toLowerCase().replaceAll(/[^a-z0-9]/g, "")
}

function digitsOf(id: string): string {
  return id.replaceAll(/\D+/g, " ").trim()
}

function sameFamily(id: string, provider: string, catalog: KnownCatalog): string | undefined {
  const { words, version, major } = partsOf(id)
  if (words.length === 0) return undefined
  const relatives = [...catalog.models]
    .filter(([key]) => providerOf(key) === provider)
    .map(([key, { releaseDate }]) => {
      const { modelID } = modelRef(key)
      const other = partsOf(modelID)
      return {
        id: modelID,
        words: other.words,
        /** 2: the version written; 1: the same major version. */
        likeness: other.version === version ? 2 : other.major === major ? 1 : 0,
        date: releaseDate ?? "",
      }
    })
    .filter((other) => words.every((word) => other.words.includes(word)))
  const [nearest] = relatives.toSorted(
    (a, b) =>
      // It has all those written, so the fewest are nearest.
      a.words.length - b.words.length ||
      b.likeness - a.likeness ||
      b.date.localeCompare(a.date) ||
      a.id.localeCompare(b.id),
  )
  return nearest?.id
}

/** `gemini-3.1-pro-preview`: the words `gemini` and `pro`, the version `3.1`, the major version 3. */
function partsOf(id: string) {
  const parts = modelIdentity(id).name.split(" ")
  const version = parts.filter((part) => /^\d/.test(part)).join(" ")
  return { words: parts.filter((part) => /^[a-z]/.test(part)), version, major: /^\d+/.exec(version)?.[0] }
}
