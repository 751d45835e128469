import { z } from "zod"

const described = z.union([
  z.literal(false),
  z.strictObject({
    images: z.boolean().exactOptional(),
    pdf: z.boolean().exactOptional(),
    toolCalls: z.boolean().exactOptional(),
    contextTokens: z.int().min(0).exactOptional(),
  }),
])

export const scenarioSchema = z.strictObject({
  $schema: z.string().exactOptional(),
  title: z.string().exactOptional(),
  /** As in understudy.jsonc; without it the settings in force here are used. */
  settings: z.record(z.string(), z.unknown()).exactOptional(),
  agent: z.string().exactOptional(),
  model: z.string().exactOptional(),
  category: z.string().exactOptional(),
  needs: z
    .strictObject({
      images: z.boolean().exactOptional(),
      pdf: z.boolean().exactOptional(),
      contextTokens: z.int().min(0).exactOptional(),
    })
    .exactOptional(),
  /** What single models can do; `false`: not connected. Every model that is not named here can do everything. */
  catalog: z.record(z.string().regex(/^[^\s/]+\/\S+$/), described).exactOptional(),
  script: z.union([z.string(), z.array(z.string())]),
})

/** A dry run as a file holds it. */
export type Scenario = z.infer<typeof scenarioSchema>
