import { type NamedModel, providerOf, sameModel } from "../core/model-ref.ts"
import { isAnyModelOf, sameModelElsewhere } from "../core/same-model-elsewhere.ts"
import { beginTurn } from "../turn/transitions.ts"
import type { Turn } from "../turn/turn.ts"
import { type CommandDeps, type CommandPlace, modelText } from "./status-text.ts"
import { spelledAs } from "../core/catalog.ts"

/** `/understudy next`: the turns that follow go to the model that would take over from the one in use. */
export async function handOverToNext(deps: CommandDeps, place: CommandPlace): Promise<string> {
  const turn = turnOf(deps, place)
  const decision = await deps.successor({ ...turn, attempts: 0 }, {})
  if (decision.do !== "switch")
    return `There is no model after ${modelText(deps, turn.inUse.model)}. \`/understudy status\` shows the models and their health.`
  return handOver(deps, turn, decision.to)
}

/**
 * `/understudy use MODEL`; `provider/*` is the user's own model at that provider. The own model's name ends what
 * was said before.
 *
 * @param named one that OpenCode knows
 */
export function handOverTo(deps: CommandDeps, place: CommandPlace, { model, ...named }: NamedModel): string {
  const turn = turnOf(deps, place)
  const own = turn.own.model
  const found = isAnyModelOf(model)
    ? sameModelElsewhere(own, providerOf(model), deps.catalog)
    : spelledAs(deps.catalog, model)
  if (found === undefined) return `${providerOf(model)} does not offer ${modelText(deps, own)}.`
  if (!sameModel(found, own)) return handOver(deps, turn, { ...named, model: found })
  deps.sessions.patch(place.sessionID, { handedOver: undefined })
  return `Your own model **${modelText(deps, own)}** answers in this session again.`
}

function handOver(deps: CommandDeps, { sessionID, own }: Turn, { model, variant }: NamedModel): string {
  const to = { model, ...(variant !== undefined && { variant }) }
  deps.sessions.patch(sessionID, { handedOver: { own: own.model, to } })
  const how = variant === undefined ? "" : ` (${variant})`
  return `From your next prompt on **${modelText(deps, model)}**${how} answers in this session, until you choose a model, say \`/understudy use ${own.model}\`, or OpenCode restarts.`
}

/** The session's newest turn, or the one that it would begin now. */
function turnOf({ sessions }: CommandDeps, { sessionID, agent, model }: CommandPlace): Turn {
  const { handedOver, turn: last } = sessions.get(sessionID)
  const turn = last ?? beginTurn({ sessionID, messageID: "", agent, own: { model } })
  if (!handedOver || !sameModel(handedOver.own, turn.own.model)) return turn
  // Said twice before a further turn: it goes on from where the first one led.
  return { ...turn, inUse: { model: handedOver.to.model, requests: 0 } }
}
