import { type ModelKey, type NamedModel, parseNamedModel } from "../core/model-ref.ts"
import { didYouMean, nearestWord } from "../core/nearest-word.ts"

/** What may stand behind `/understudy`. */
export type UnderstudyCommand =
  /** `next`: go on with the next model of the chain. */
  | { readonly do: "status" | "off" | "on" | "next" | "help" }
  /** Closes circuits: one model's and its provider's, or all. */
  | { readonly do: "reset"; readonly model?: ModelKey }
  /** Holds a model out of use until it is reset. */
  | { readonly do: "hold"; readonly model: ModelKey }
  /** Goes on with this model until the user chooses one anew. */
  | ({ readonly do: "use" } & NamedModel)
  /** A list for this session that outranks all others; an empty one goes back to the settings. */
  | { readonly do: "chain"; readonly models: readonly NamedModel[] }
  | { readonly do: "misunderstood"; readonly why: string }

const verbs = ["status", "off", "on", "chain", "next", "use", "hold", "reset", "help"] as const

/** Reads the arguments of `/understudy`; nothing at all means `status`. `opencode run` quotes those with a space in them. */
export function parseCommand(argumentsText: string): UnderstudyCommand {
  const [word = "status", ...rest] = argumentsText.split(/[\s"']+/).filter(Boolean)
  const verb = verbs.find((known) => known === word.toLowerCase())
  if (verb === undefined) {
    const meant = didYouMean(nearestWord(word, verbs))
    return { do: "misunderstood", why: `"${word.slice(0, 40)}" is not known.${meant}` }
  }
  if (verb === "chain") return chain(rest)
  if (verb === "hold" || verb === "use" || (verb === "reset" && rest.length > 0)) return oneModel(verb, rest)
  return { do: verb }
}

function oneModel(verb: "reset" | "hold" | "use", rest: readonly string[]): UnderstudyCommand {
  const named = rest.length === 1 ? parseNamedModel(rest[0] ?? "") : undefined
  if (named) return { do: verb, ...named }
  return { do: "misunderstood", why: `${verb} takes one model, such as openai/gpt-5.2.` }
}

function chain(rest: readonly string[]): UnderstudyCommand {
  const names = rest
    .join(" ")
    .split(/[\s,]+/)
    .filter(Boolean)
  const models = names.map(parseNamedModel)
  const wrong = names.find((_, index) => models[index] === undefined)
  if (wrong !== undefined)
    return { do: "misunderstood", why: `"${wrong.slice(0, 80)}" is not a model; write provider/model.` }
  return { do: "chain", models: models.filter((named) => named !== undefined) }
}
