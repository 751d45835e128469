import { type Catalog, knownModel } from "../../core/catalog.ts"
import { modelIdentity } from "../../core/model-identity.ts"
import { type ModelKey, modelRef, providerOf, sameModel } from "../../core/model-ref.ts"

/** A chain that is longer than this is seldom walked to its end. */
const longestChain = 3

/**
 * 90 days. OpenCodes have lists of different ages: 2.0.15 does not know a model of two months that 1.18.33 knows, where
 * neither can fetch a new list.
 */
const settledMs = 90 * 86_400_000

type Connected = {
  readonly catalog: Catalog
  /** The model that the chain follows; `undefined` when none is configured. */
  readonly primary: ModelKey | undefined
  /** Models that stand somewhere in the user's configuration. */
  readonly used: readonly ModelKey[]
  /** Providers whose models cannot answer, although they are listed. */
  readonly keyless: readonly string[]
  readonly now: number
}

type Candidate = {
  readonly key: ModelKey
  readonly isTwin: boolean
  readonly isUsed: boolean
  readonly isFamily: boolean
  /** Released long enough ago, and no name that stands for another model every few months. */
  readonly isSettled: boolean
  readonly releaseDate: string
  readonly contextTokens: number
}

/**
 * A chain for a model out of what is connected: one model of each other provider, the same model elsewhere first,
 * then what the user uses already, then the newest that has been out for a while. Where there is only one provider, its
 * own other models.
 * Only models that can call tools are proposed, none that OpenCode calls deprecated, and OpenCode's own free ones only
 * where there is nothing else.
 */
export function proposeChain({ catalog, primary, used, keyless, now }: Connected): readonly ModelKey[] {
  if (!catalog.known) return []
  const settledBy = new Date(now - settledMs).toISOString()
  const own = primary && catalog.models.get(primary)
  const candidates = [...catalog.models].flatMap(([key, model]): readonly Candidate[] => {
    const { releaseDate = "", contextTokens } = model
    if (!model.toolCalls || model.isDeprecated || keyless.includes(providerOf(key))) return []
    if (primary !== undefined && sameModel(key, primary)) return []
    return [
      {
        key,
        isTwin: primary !== undefined && nameOf(key) === nameOf(primary),
        isUsed: used.some((other) => sameModel(other, key)),
        isFamily: own?.family !== undefined && own.family === model.family,
        isSettled: releaseDate <= settledBy && !key.endsWith("-latest"),
        releaseDate,
        contextTokens,
      },
    ]
  })
  const withLogin = candidates.filter(({ key, isUsed }) => isUsed || !isFreeOfOpenCode(key, catalog))
  const ranked = (withLogin.length > 0 ? withLogin : candidates).toSorted(byWorth)
  const others = ranked.filter(({ key }) => primary === undefined || providerOf(key) !== providerOf(primary))
  const chosen = others.length === 0 ? ranked : firstOfEach(others)
  // Written as `provider/*` the same entry also serves whatever else the user picks with /model.
  return chosen
    .slice(0, longestChain)
    .map(({ key, isTwin }): ModelKey => (isTwin && others.length > 0 ? `${providerOf(key)}/*` : key))
}

/**
 * OpenCode connects these for everybody, without a login. They come and go, and whoever runs them may keep the prompts:
 * that is for the user to choose.
 */
function isFreeOfOpenCode(key: ModelKey, catalog: Catalog): boolean {
  return providerOf(key) === "opencode" && !knownModel(catalog, key)?.isPaidByToken
}

function nameOf(key: ModelKey): string {
  return modelIdentity(modelRef(key).modelID).name
}

function byWorth(a: Candidate, b: Candidate): number {
  return (
    Number(b.isTwin) - Number(a.isTwin) ||
    Number(b.isUsed) - Number(a.isUsed) ||
    Number(b.isFamily) - Number(a.isFamily) ||
    Number(b.isSettled) - Number(a.isSettled) ||
    b.releaseDate.localeCompare(a.releaseDate) ||
    b.contextTokens - a.contextTokens ||
    a.key.localeCompare(b.key)
  )
}

function firstOfEach(ranked: readonly Candidate[]): readonly Candidate[] {
  const providers = ranked.map(({ key }) => providerOf(key))
  return ranked.filter((_, index) => providers.indexOf(providers[index] ?? "") === index)
}
