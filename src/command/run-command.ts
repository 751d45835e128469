import { offersVariant, spelledAs } from "../core/catalog.ts"
import { type CircuitKey, circuitKeys, circuitState, circuitSubject, heldCircuit } from "../core/circuit.ts"
import { counted } from "../core/counted.ts"
import { type ModelKey, type NamedModel, providerOf, sameModel } from "../core/model-ref.ts"
import { didYouMean } from "../core/nearest-word.ts"
import { isAnyModelOf, sameModelElsewhere } from "../core/same-model-elsewhere.ts"
import { suggestModel } from "../core/suggest-model.ts"
import { isOnOwn } from "../turn/turn-predicates.ts"
import type { UnderstudyCommand } from "./parse-command.ts"
import {
  chainText,
  type CommandDeps,
  type CommandPlace,
  modelText,
  standing,
  statusText,
} from "./status-text.ts"

const usage = [
  "`/understudy status` – this session's models, cooldowns, last switches",
  "`/understudy off` / `on` – no switching in this session and its subagents / switching again",
  "`/understudy chain MODEL, MODEL` – a list for this session; `chain` alone goes back to the settings",
  "`/understudy next` – the next model of the list answers from your next prompt on",
  "`/understudy use MODEL` – this model answers from your next prompt on; name your own model to go back",
  "`/understudy hold MODEL` – keep a model, or all of `provider/*`, out of use until it is reset",
  "`/understudy reset [MODEL]` – end cooldowns and holds",
].join("\n")

/** Carries out a command and gives the answer for people, as Markdown. */
export async function runCommand(
  deps: CommandDeps,
  place: CommandPlace,
  command: UnderstudyCommand,
): Promise<string> {
  const { sessions } = deps
  const { sessionID } = place
  switch (command.do) {
    case "status":
      return statusText(deps, place)
    case "off":
      sessions.patch(sessionID, { off: true })
      return "Understudy is off in this session and its subagents until OpenCode restarts: failures are left to OpenCode. `/understudy on` switches it on again."
    case "on":
      sessions.patch(sessionID, { off: false })
      return deps.enabled
        ? "Understudy is on in this session."
        : "Understudy is switched off in the settings (`runtime_fallback.enabled`), so it stays off here."
    case "hold":
      return unknownText(deps, [command]) ?? hold(deps, spelledAs(deps.catalog, command.model))
    case "reset":
      return command.model === undefined
        ? resetAll(deps, sessionID)
        : resetModel(deps, spelledAs(deps.catalog, command.model))
    case "chain":
      return setChain(deps, place, command.models)
    case "next":
      return handOverToNext(deps, place)
    case "use":
      return unknownText(deps, [command]) ?? handOverTo(deps, place, command)
    case "help":
      return usage
    case "misunderstood":
      return `${command.why}\n\n${usage}`
  }
}

/** @param model one that OpenCode knows; `provider/*` holds the whole provider */
function hold(deps: CommandDeps, model: ModelKey): string {
  const [ofProvider, ofModel] = circuitKeys(model)
  const key = isAnyModelOf(model) ? ofProvider : ofModel
  deps.store.updateCircuit(key, () => heldCircuit(key, deps.now()))
  return `${modelText(deps, model)} is held out of use, in all sessions. \`/understudy reset ${model}\` ends that.`
}

async function setChain(
  deps: CommandDeps,
  place: CommandPlace,
  models: readonly NamedModel[],
): Promise<string> {
  const unknown = unknownText(deps, models)
  if (unknown !== undefined) return unknown
  deps.sessions.setChain(place.sessionID, models)
  const { sessionID, agent, model } = place
  const chain = deps.chain({ sessionID, agent, own: { model } })
  const { turn } = await deps.foresee(place)
  const until =
    models.length === 0
      ? "This session follows the settings again."
      : "This session has its own list until OpenCode restarts."
  return `${until}\n\n${await chainText(deps, chain, turn)}`
}

/** Names that OpenCode does not know; `undefined` when it knows all of them, or nobody can say. */
function unknownText({ catalog }: CommandDeps, named: readonly NamedModel[]): string | undefined {
  if (!catalog.known) return undefined
  const isKnown = (model: ModelKey): boolean =>
    isAnyModelOf(model)
      ? catalog.providers.has(providerOf(model))
      : catalog.models.has(spelledAs(catalog, model))
  const lines = named.flatMap(({ model, variant }) => {
    if (isKnown(model))
      return variant === undefined || offersVariant(catalog, model, variant)
        ? []
        : [`${model} has no variant "${variant.slice(0, 40)}".`]
    return [`OpenCode does not know ${model}.${didYouMean(suggestModel(model, catalog))}`]
  })
  return lines.length === 0 ? undefined : `${lines.join("\n")}\n\nNothing was changed.`
}

/** Ends what is remembered of failures, and holds; whether the session is off and its list are not touched. */
function resetAll({ store, sessions, now }: CommandDeps, sessionID: string): string {
  const records = store.circuits()
  const open = records.flatMap((record) => {
    const state = circuitState(record, now())
    return state.state === "open" ? [state] : []
  })
  const held = open.filter((state) => state.held).length
  for (const { key } of records) store.updateCircuit(key, () => undefined)
  const { chain } = sessions.get(sessionID)
  return [
    `Reset: ${counted(open.length - held, "cooldown")} and ${counted(held, "hold")} ended.`,
    ...(sessions.isOff(sessionID)
      ? ["Understudy is still off in this session; `/understudy on` switches it on."]
      : []),
    ...(chain ? ["This session keeps its own list; `/understudy chain` goes back to the settings."] : []),
  ].join(" ")
}

function resetModel(deps: CommandDeps, model: ModelKey): string {
  const keys = deps.store
    .circuits()
    .map(({ key }) => key)
    .filter((key) => concerns(key, model))
  for (const key of keys) deps.store.updateCircuit(key, () => undefined)
  if (keys.length > 0) return `${modelText(deps, model)} may be used again.`
  return unknownText(deps, [{ model }]) ?? `${modelText(deps, model)} was neither cooling down nor held.`
}

function concerns(key: CircuitKey, model: ModelKey): boolean {
  const subject = circuitSubject(key)
  if (subject === undefined) return false
  if (!("model" in subject)) return subject.providerID === providerOf(model)
  const isOfAll = isAnyModelOf(model) && providerOf(subject.model) === providerOf(model)
  return isOfAll || sameModel(subject.model, model)
}

/** `/understudy next`: the turns that follow go to whom the next one would be taken over by. */
async function handOverToNext(deps: CommandDeps, place: CommandPlace): Promise<string> {
  const { turn } = await deps.foresee(place)
  const tried = [...turn.tried, { model: place.model }]
  const decision = await deps.successor({ ...turn, tried }, {})
  if (decision.do !== "switch")
    return `There is no model after ${modelText(deps, turn.inUse.model)}. \`/understudy status\` shows the models and their health.`
  return handOver(deps, place, decision.to)
}

/**
 * `/understudy use MODEL`; `provider/*` is the user's own model at that provider. The own model's name ends what
 * was said before.
 *
 * @param named one that OpenCode knows
 */
async function handOverTo(
  deps: CommandDeps,
  place: CommandPlace,
  { model, ...named }: NamedModel,
): Promise<string> {
  const own = place.model
  const found = isAnyModelOf(model)
    ? sameModelElsewhere(own, providerOf(model), deps.catalog)
    : spelledAs(deps.catalog, model)
  if (found === undefined) return `${providerOf(model)} does not offer ${modelText(deps, own)}.`
  if (!sameModel(found, own)) return handOver(deps, place, { ...named, model: found })
  const { sessionID } = place
  deps.sessions.patch(sessionID, { handedOver: undefined })
  deps.leaveStandIn({ sessionID, own: { model: own } })
  const { turn } = await deps.foresee(place)
  const unless = isOnOwn(turn) ? "" : unlessRests(deps, own)
  return `Your own model **${modelText(deps, own)}** answers in this session again.${unless}`
}

function handOver(
  deps: CommandDeps,
  { sessionID, model: own }: CommandPlace,
  { model, variant }: NamedModel,
): string {
  const to = { model, ...(variant !== undefined && { variant }) }
  deps.sessions.patch(sessionID, { handedOver: { own, to } })
  const how = variant === undefined ? "" : ` (${variant})`
  return `From your next prompt on **${modelText(deps, model)}**${how} answers in this session, until you pick another model, type \`/understudy use ${own}\` or restart OpenCode.${unlessRests(deps, model)}`
}

function unlessRests(deps: CommandDeps, model: ModelKey): string {
  const rests = standing(deps, model)
  return rests === "" ? "" : ` For now it is passed over${rests}.`
}
