import * as z from "zod/mini"

const flag = z.exactOptional(z.boolean())
const tokens = z.exactOptional(z.int().check(z.gte(0)))
const word = z.exactOptional(z.string())

const described = z.union([
  z.literal(false),
  z.strictObject({
    images: flag,
    pdf: flag,
    toolCalls: flag,
    contextTokens: tokens,
  }),
])

export const scenarioSchema = z.strictObject({
  title: word,
  /** As in understudy.jsonc; without it the settings in force here are used. */
  settings: z.exactOptional(z.record(z.string(), z.unknown())),
  agent: word,
  model: word,
  category: word,
  needs: z.exactOptional(z.strictObject({ images: flag, pdf: flag, contextTokens: tokens })),
  /** What single models can do; `false`: not connected. Every model that is not named here can do everything. */
  catalog: z.exactOptional(z.record(z.string().check(z.regex(/^[^\s/]+\/\S+$/)), described)),
  script: z.union([z.string(), z.array(z.string())]),
})

/** A dry run as a file holds it. */
export type Scenario = z.infer<typeof scenarioSchema>
