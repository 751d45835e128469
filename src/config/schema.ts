// `zod/mini` and not `zod`: see docs/decisions/0002-zod-and-json-schema.md for the figures.
import * as z from "zod/mini"
import { catch as orElse } from "zod/mini"
import { withoutUndefined } from "../core/json-object.ts"
import { type FallbackEntry, type NamedModel, parseNamedModel } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"
import { runtimeFallback } from "./runtime-fallback-schema.ts"
import { about, label, printable, seconds, whole } from "./schema-parts.ts"

/** Models in one list; each switch within a turn counts, and there are at most 20 of them. */
const longestList = 100

// Each schema object takes Zod some 50 µs to make, at every start of OpenCode: what is the same is made once.
const modelText = about(
  z.string().check(z.regex(/^\s*[^\s/]+\/[^\s*]+\s*$/), printable),
  'A model as "provider/model", such as "openai/gpt-5.2".',
)

const fallbackText = about(
  z.string().check(z.regex(/^\s*[^\s/]+\/(?:[^\s*]+|\*)\s*$/), printable),
  'A model as "provider/model", such as "openai/gpt-5.2", or "provider/*": the model in use, at that provider.',
)

const modelName = z.pipe(
  modelText,
  z.transform((text, context): NamedModel => {
    const named = parseNamedModel(text)
    if (named !== undefined) return named
    context.issues.push({ code: "custom", input: text })
    return z.NEVER
  }),
)

const fallbackEntry = about(
  z.strictObject({
    model: fallbackText,
    variant: about(
      z.optional(label),
      'Reasoning variant as OpenCode names it for this model, such as "high".',
    ),
    temperature: about(z.optional(z.number().check(z.gte(0), z.lte(2))), "Sampling temperature, 0 to 2."),
    top_p: about(z.optional(z.number().check(z.gte(0), z.lte(1))), "Nucleus sampling, 0 to 1."),
    max_tokens: about(z.optional(z.int().check(z.gte(1))), "Maximum tokens of one reply, at least 1."),
  }),
  "A model together with what the turn uses on it. What is left out is carried over from the turn.",
)

const fallbackItem = about(
  z.union([fallbackText, fallbackEntry]),
  'A model as "provider/model" or "provider/*", or an object with "model" and what the turn uses on it.',
)

const fallbackModels = z.pipe(
  z.union([fallbackText, z.array(fallbackItem).check(z.maxLength(longestList))]),
  z.transform((input): readonly FallbackEntry[] =>
    (Array.isArray(input) ? input : [input]).flatMap((item) => entryOf(item) ?? []),
  ),
)

function entryOf(item: z.output<typeof fallbackItem>): FallbackEntry | undefined {
  const { model, variant, ...others } = typeof item === "string" ? { model: item } : item
  const named = parseNamedModel(model)
  const known = withoutUndefined({ ...others, variant: (variant ?? named?.variant)?.trim() })
  return named && { model: named.model, ...known }
}

const agent = z.strictObject({
  fallback_models: about(
    z.optional(fallbackModels),
    "Models to fall back to when this agent's model fails, in order.",
  ),
  category: about(
    z.optional(label),
    "Name of the category whose fallback_models this agent uses when it has none of its own.",
  ),
})

const categoryFields = z.strictObject({
  description: about(
    z.optional(z.string()),
    "What the category is for, in one line, for people and for the model that delegates.",
  ),
  model: about(
    z.optional(modelName),
    'The model that tasks of this category start on, as "provider/model" or "provider/model#variant".',
  ),
  fallback_models: about(
    z.optional(fallbackModels),
    "Models to fall back to when the category's model fails, in order.",
  ),
  variant: about(z.optional(label), 'Reasoning variant for tasks of this category, such as "high".'),
  prompt_append: about(z.optional(z.string()), "Text added to the prompt of each task of this category."),
})

const category = z.pipe(
  categoryFields,
  z.transform(({ model: named, ...fields }) => ({ ...named, ...fields })),
)

const modelLink = z.strictObject({
  fallback_models: about(
    z.optional(fallbackModels),
    "Models to fall back to when this model fails and neither agent nor category has a list.",
  ),
  first_token_timeout_seconds: about(
    z.optional(seconds(3600)),
    "As runtime_fallback.first_token_timeout_seconds, for this model: a local one may need minutes.",
  ),
  stall_timeout_seconds: about(
    z.optional(seconds(3600)),
    "As runtime_fallback.stall_timeout_seconds, for this model.",
  ),
})

/** A model's id within its provider. `*` stands for any ending. */
const modelIdPattern = z.string().check(z.regex(/^[^\s*]*\*?$/), printable, z.minLength(1))

/** `provider/model`, `provider/*`, `provider/start*` or `start*`. */
const modelKeyPattern = z.string().check(z.regex(/^(?:[^\s/*]+\/(?:[^\s*]+\*?|\*)|[^\s/*]*\*)$/), printable)

/** What a key may look like, for people. */
export const keyForms = '"{env:NAME}" or "{file:/path}" ("~/" is the home folder).'

/** No path that depends on a folder: nobody could tell which one. */
const keyText = about(
  z.string().check(z.regex(/^\s*(?:\{env:[^\s{}]+\}|\{file:(?:~\/|[\\/]|[A-Za-z]:)[^{}]*\}|[^\s{}]+)\s*$/)),
  `A key as ${keyForms}`,
)

const provider = z.strictObject({
  allow_fallback: about(
    z.prefault(z.boolean(), true),
    "Whether this provider takes part in fallback: false leaves its failures as they are and never uses its models as fallbacks. Default: true.",
  ),
  allow_models: about(
    z.optional(z.array(modelIdPattern)),
    "Only these models of the provider may be fallbacks; ids without the provider, a final `*` matches any ending. Default: all.",
  ),
  ignore_models: about(
    z.prefault(z.array(modelIdPattern), []),
    "Models of the provider that are never fallbacks; ids without the provider, a final `*` matches any ending. Default: none.",
  ),
  leave_at_percent: about(
    z.optional(whole(1, 100)),
    "Percent, 1 to 100: a turn begins on a fallback model while the provider reports that this share of one of its limits is used up. Never in the middle of a turn. Default: off.",
  ),
  keys: about(
    // One that is no key keeps its place, so that the others keep their numbers; `lint-settings.ts` names it.
    z.optional(
      z.array(orElse(keyText, "")).check(
        z.maxLength(20),
        // A list without any key must not take the place of a good one below it.
        z.refine((keys) => keys.length === 0 || keys.some((key) => key !== ""), `Allowed: ${keyForms}`),
      ),
    ),
    'Further API keys of this provider, each as "{env:NAME}" or "{file:/path}". When the one before is limited, used up, out of credit or rejected, the same request goes out with the next. Default: none.',
  ),
})

/** What every source may hold, and the single origin of types, defaults, JSON schema and the table in docs. */
export const settingsSchema = z.strictObject({
  $schema: about(z.optional(z.string()), "Address of this schema, for completion in the editor."),
  runtime_fallback: about(
    z.prefault(runtimeFallback, {}),
    "When to fall back, how long a failed model cools down, and what is shown.",
  ),
  fallback_models: about(
    z.prefault(fallbackModels, []),
    "Models to fall back to when neither agent, category nor model has a list, in order. Default: none.",
  ),
  agents: about(z.prefault(z.record(label, agent), {}), "Settings of one agent, by its name."),
  categories: about(
    z.prefault(z.record(label, category), {}),
    "Kinds of task, by name, each with its model and its fallback models.",
  ),
  models: about(
    z.prefault(z.record(z.string().check(z.regex(/^[^\s/]+\/[^\s*]+$/), printable), modelLink), {}),
    'Settings of one model ("provider/model"): its own list and its timeouts.',
  ),
  providers: about(z.prefault(z.record(label, provider), {}), "Settings of one provider, by its id."),
  allow_models: about(
    z.optional(z.array(modelKeyPattern)),
    'Only these models may be fallbacks: "provider/model", a final `*` matches any ending. Default: all.',
  ),
  ignore_models: about(
    z.prefault(z.array(modelKeyPattern), []),
    'Models that are never fallbacks: "provider/model", a final `*` matches any ending. Default: none.',
  ),
  on_switch: about(
    z.optional(z.tuple([z.string().check(z.minLength(1))], z.string())),
    "A program of your own and its arguments, run without a shell for each switch, return, change of key and exhausted list, with one JSON document on its standard input. Default: none.",
  ),
})

export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

type ParsedSettings = DeepReadonly<z.output<typeof settingsSchema>>

/** The settings in force: every default filled in, every list of models normalised. Keys are those of the file. */
export type Settings = Omit<ParsedSettings, "runtime_fallback"> & {
  readonly runtime_fallback: Omit<ParsedSettings["runtime_fallback"], "same_model_retries"> & {
    /** Missing kinds count as 0. */
    readonly same_model_retries: Readonly<Partial<Record<FailureKind, number>>>
  }
}

/** What a user may write: every key may be left out. */
export type SettingsInput = z.input<typeof settingsSchema>

/** What holds when nothing is set. Worked out when asked for: not everybody who loads the schema needs it. */
export function defaultSettings(): Settings {
  return settingsSchema.parse({})
}
