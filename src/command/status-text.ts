import type { LoadedSettings } from "../config/load-settings.ts"
import { sourceText, withTilde } from "../config/settings-problem.ts"
import { type Catalog, knownModel } from "../core/catalog.ts"
import type { Chain } from "../core/chain.ts"
import { backAt, type CircuitKey, type CircuitRecord, circuitState, circuitSubject } from "../core/circuit.ts"
import { explainKind } from "../core/classify/explain-kind.ts"
import type { Decision } from "../core/decide.ts"
import { describeDuration } from "../core/describe-duration.ts"
import { describeOrigin, originPath } from "../core/describe-origin.ts"
import { describeSkip } from "../core/describe-skip.ts"
import { describeKeys, type KeysWorld } from "../core/keys/describe-key.ts"
import { accountName } from "../core/limits/account.ts"
import { describeWindows } from "../core/limits/limit-window.ts"
import { plainName } from "../core/model-name.ts"
import { type ModelKey, modelRef, providerOf, sameModel } from "../core/model-ref.ts"
import { remedyFor } from "../core/remedy-for.ts"
import { circuitReason } from "../core/select.ts"
import type { SkipReason } from "../core/skip-reason.ts"
import type { JournalEntry, Store } from "../store/store.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { SwitchReason } from "../turn/transitions.ts"
import { isOnOwn } from "../turn/turn-predicates.ts"
import type { Turn } from "../turn/turn.ts"

/** The session that the command was given in, and the user's own model there, which OpenCode would ask now. */
export type CommandPlace = {
  readonly sessionID: string
  readonly agent: string
  readonly model: ModelKey
}

export type CommandDeps = {
  readonly sessions: Pick<Sessions, "get" | "isOff" | "patch" | "setChain">
  readonly store: Store
  /** Who was to stay in the place of the own model is to stay no longer. */
  readonly leaveStandIn: (session: Pick<Turn, "sessionID" | "own">) => void
  readonly chain: (turn: Pick<Turn, "sessionID" | "own" | "agent">) => Chain
  /** Who would take over from the model in use. */
  readonly successor: (turn: Turn, why: SwitchReason) => Promise<Decision>
  /** The turn that a prompt would begin now, and why on another model than the own one. */
  readonly foresee: (place: CommandPlace) => Promise<ForeseenTurn>
  /** Why a model could not take over this turn now. */
  readonly reasonAgainst: (turn: Turn, model: ModelKey) => Promise<SkipReason | undefined>
  readonly catalog: Catalog
  readonly sources: Pick<LoadedSettings, "files" | "elsewhere" | "origins">
  readonly enabled: boolean
  /** The user's home folder, which answers write as `~`. */
  readonly home: string
  /** How many keys the settings name for a provider, where there is more than one. */
  readonly keyCounts: ReadonlyMap<string, number>
  readonly missingKeys: KeysWorld["missing"]
  readonly now: () => number
}

type ForeseenTurn = { readonly turn: Turn; readonly why?: SwitchReason | undefined }

const shownSwitches = 5

/** What `/understudy` says of a session, as Markdown; also before the session has asked a model. */
export async function statusText(deps: CommandDeps, place: CommandPlace): Promise<string> {
  const { sessions, store, now } = deps
  const { agent, model: own } = place
  const chain = deps.chain({ sessionID: place.sessionID, agent, own: { model: own } })
  const shown = [own, ...chain.entries.map(({ model }) => model)]
  const foreseen = await deps.foresee(place)
  const switches = store.journal({ limit: shownSwitches, sessionID: place.sessionID })
  return [
    ...(deps.enabled ? [] : ["Understudy is **off** in the settings (`runtime_fallback.enabled`)."]),
    ...(deps.enabled && sessions.isOff(place.sessionID) ? ["Understudy is **off** in this session."] : []),
    `Your model: **${modelText(deps, own)}**${standing(deps, own)}`,
    ...(await nextText(deps, foreseen, chain)),
    await chainText(deps, chain, foreseen.turn),
    ...otherCircuits(deps, shown),
    ...keysText(deps),
    ...limitsText(store, now()),
    ...list(
      "Last switches here",
      switches.map((entry) => describeEntry(entry, now())),
    ),
  ].join("\n\n")
}

/**
 * Who answers the next prompt where that is not plain: in the place of the own model, or that one although it rests.
 * Why stands in the own model's line while that one rests.
 */
async function nextText(
  deps: CommandDeps,
  { turn, why }: ForeseenTurn,
  { entries }: Chain,
): Promise<readonly string[]> {
  const { own, inUse } = turn
  const ownIsWell = standing(deps, own.model) === ""
  if (!isOnOwn(turn) && standing(deps, inUse.model) === "") {
    const kind = ownIsWell ? why?.kind : undefined
    const because = kind === undefined ? "" : ` (switched earlier: ${explainKind(kind)})`
    return [`Your next prompt goes to **${modelText(deps, inUse.model)}**${because}.`]
  }
  if (ownIsWell) return []
  const reasons = await Promise.all(entries.map(({ model }) => deps.reasonAgainst(turn, model)))
  if (reasons.every((reason) => reason !== undefined))
    return ["None of these models can be used now. Your next prompt asks your own model once."]
  return isOnOwn(turn) ? ["Your next prompt asks your own model all the same."] : []
}

/** The session's list, and where it was written. */
export async function chainText(deps: CommandDeps, { origin, entries }: Chain, turn: Turn): Promise<string> {
  const path = originPath(origin)
  const [source] = path ? await deps.sources.origins([path]) : []
  const { home } = deps
  const where =
    source === undefined
      ? describeOrigin(origin)
      : `${describeOrigin(origin)}, ${withTilde(sourceText(source), home)}`
  const title = `Fallback models of ${turn.agent}`
  const models = await Promise.all(
    entries.map(async ({ model }) =>
      withReason(deps, modelText(deps, model), await deps.reasonAgainst(turn, model)),
    ),
  )
  const [text] = list(`${title} (${where})`, models)
  if (text !== undefined) return text
  const files = deps.sources.files.map((file) => withTilde(file, home))
  const read = [...deps.sources.elsewhere, ...files].join(", ") || "nothing was found"
  return `${title}: none are set (${origin.from === "none" ? `settings read: ${read}` : where}).`
}

/** The name that OpenCode shows, and the id that commands and settings take. */
export function modelText({ catalog }: Pick<CommandDeps, "catalog">, model: ModelKey): string {
  const name = plainName(knownModel(catalog, model))
  return name === undefined || name === model || name === modelRef(model).modelID
    ? model
    : `${name} (${model})`
}

/** What its health says against a model, behind its name; nothing where it is well. */
export function standing(deps: CommandDeps, model: ModelKey): string {
  const circuit = (key: CircuitKey) => deps.store.circuit(key)
  return withReason(deps, "", circuitReason({ circuit, now: deps.now() }, model))
}

function withReason({ now }: CommandDeps, name: string, reason: SkipReason | undefined): string {
  return reason ? `${name} – ${describeSkip(reason, now())}` : name
}

/** What rests and what is held beyond the session's own models, whose lines say it already. */
function otherCircuits(deps: CommandDeps, shown: readonly ModelKey[]): readonly string[] {
  const now = deps.now()
  const others = deps.store.circuits().flatMap((circuit) => otherCircuit(deps, circuit, shown) ?? [])
  const held = others.filter(({ until }) => until === undefined).map(({ name }) => name)
  const cooling = others.flatMap(({ name, provider, kind, until }) => {
    if (until === undefined) return []
    const left = remedyFor(kind, provider) ?? `${describeDuration(until - now)} left`
    return [`${name}: ${explainKind(kind)}, ${left}`]
  })
  return [...list("Held by hand, until `/understudy reset`", held), ...list("Also cooling down", cooling)]
}

/** Without `until` it is held by hand. */
function otherCircuit(deps: CommandDeps, circuit: CircuitRecord, shown: readonly ModelKey[]) {
  const state = circuitState(circuit, deps.now())
  const subject = circuitSubject(circuit.key)
  if (state.state !== "open" || subject === undefined || "fingerprint" in subject) return undefined
  const isShown = shown.some((model) =>
    "model" in subject ? sameModel(model, subject.model) : providerOf(model) === subject.providerID,
  )
  if (isShown) return undefined
  const until = state.held ? undefined : backAt(state)
  const [name, provider] =
    "model" in subject
      ? [modelText(deps, subject.model), providerOf(subject.model)]
      : [`all of ${subject.providerID}`, subject.providerID]
  return { name, provider, kind: circuit.kind, until }
}

function keysText({ store, keyCounts, missingKeys: missing, now }: CommandDeps): readonly string[] {
  const providers = describeKeys(keyCounts, { missing, circuits: store.circuits(), now: now() })
  return list(
    "Keys",
    providers.map(({ provider, keys }) => `${provider}: ${keys.join("; ")}`),
  )
}

function limitsText(store: Store, now: number): readonly string[] {
  const limits = store.limits().flatMap((account) => {
    const windows = describeWindows(account.windows, now)
    return windows === "" ? [] : [`${accountName(account)}: ${windows}`]
  })
  return list("Limits, as the providers report them", limits)
}

/** One text, or none where there is nothing to list. */
function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.map((line) => `- ${line}`).join("\n")}`]
}

export function describeEntry(entry: JournalEntry, now: number): string {
  const ago = `${describeDuration(now - entry.at)} ago`
  const reason = entry.kind === undefined ? entry.cause : explainKind(entry.kind)
  const why = reason === undefined ? "" : `: ${reason}`
  switch (entry.event) {
    case "switched":
      return `${ago}, ${entry.from} to ${entry.to ?? "nobody"}${why}`
    case "returned":
      return `${ago}, back to ${entry.to ?? entry.from}`
    case "exhausted":
      return `${ago}, no model left after ${entry.from}${why}`
  }
}
