/** What a model id says of the model, whatever the provider's spelling. */
type ModelIdentity = {
  /** Family, version and size in one canonical spelling: equal for the same model, and only then. */
  readonly name: string
  /** `YYYYMMDD` of a dated id; empty for an undated one. */
  readonly date: string
  readonly preview: boolean
}

/** Makers whose name some providers put in front of the model's own: `anthropic-claude-opus-4.5`. */
const makerPrefix = /^(?:anthropic|openai|google|meta|xai|databricks)-+(?=[a-z])/

/** Bedrock's `us.anthropic.` and the like: letters and dots only. A version such as `gpt-4.` is none. */
const bedrockPrefix = /^(?:[a-z]+(?:-[a-z]+)*\.)+/

/**
 * Reads a provider's id of a model. Two ids with the same `name` are the same model: `claude-opus-4-5`,
 * `anthropic/claude-opus-4.5`, `claude-opus-4-5@20251101`, `us.anthropic.claude-opus-4-5-20251101-v1:0`. What is
 * not understood stays part of the name, so that a doubt makes two models, never one.
 */
export function modelIdentity(modelID: string): ModelIdentity {
  const own = withoutMaker(modelID.trim().toLowerCase().split("/").at(-1) ?? "")
  const { rest, date } = takeDate(own.replace(/@(?:default|latest)$/, ""))
  const words = wordsOf(rest)
  // `gemini-pro-latest` is another model each year; behind a version the word says nothing.
  const says = words.some((word) => /^\d/.test(word)) ? ["latest", "preview"] : ["preview"]
  const name = words.filter((word) => !says.includes(word))
  return { name: name.toSorted().join(" "), date, preview: words.includes("preview") }
}

function withoutMaker(id: string): string {
  const prefix = bedrockPrefix.exec(id)?.[0]
  if (prefix === undefined) return id.replace(makerPrefix, "")
  const rest = id.slice(prefix.length).replace(/-v?\d+:\d+(?::\d+k)?$|-v\d+$/, "")
  // `deepseek.r1`: there the maker is the family.
  return /^[a-z]\d/.test(rest) ? `${prefix.split(".").at(-2) ?? ""}-${rest}` : rest.replace(makerPrefix, "")
}

const dates: readonly (readonly [RegExp, string])[] = [
  [/[-@](20\d\d)-?([01]\d)-?([0-3]\d)(?=$|[-:])/, "$1$2$3"],
  [/-([01]\d)-(20\d\d)(?=$|[-:])/, "$2$100"],
  // Google's previews: `gemini-2.5-pro-preview-06-05`. Without a year they only order among themselves.
  [/(?<=-preview)-([01]\d)-([0-3]\d)(?=$|[-:])/, "0000$1$2"],
]

function takeDate(id: string): { readonly rest: string; readonly date: string } {
  for (const [pattern, order] of dates) {
    const found = pattern.exec(id)?.[0]
    if (found !== undefined) return { rest: id.replace(found, ""), date: found.replace(pattern, order) }
  }
  return { rest: id, date: "" }
}

/** Letters and versions: `qwen3-235b` is `qwen`, `3`, `235b`; `4-5`, `4.5` and Fireworks' `4p5` are one word. */
function wordsOf(id: string): readonly string[] {
  const pieces = id
    .replaceAll(/(\d)p(?=\d)/g, "$1.")
    .replaceAll(/([a-z])(?=\d)/g, "$1-")
    .split(/[-._:\s]+/)
    .filter((piece) => piece !== "")
  const words: string[] = []
  let version: string[] = []
  for (const piece of [...pieces, ""]) {
    if (/^\d+$/.test(piece)) version.push(piece)
    else {
      if (version.length > 0) words.push(version.join(".").replace(/(?:\.0)+$/, ""))
      version = []
      if (piece !== "") words.push(piece)
    }
  }
  return words
}
