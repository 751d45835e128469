import { readFile } from "node:fs/promises"
import { z } from "zod"
import { parseJsonDocument } from "../../config/json-document.ts"
import { CommandError } from "../command-error.ts"
import { exitCodes } from "../exit-code.ts"
import { readyScenarios } from "./ready-scenarios.ts"

const described = z.union([
  z.literal(false),
  z.strictObject({
    images: z.boolean().exactOptional(),
    pdf: z.boolean().exactOptional(),
    toolCalls: z.boolean().exactOptional(),
    contextTokens: z.int().min(0).exactOptional(),
  }),
])

const scenarioSchema = z.strictObject({
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

/** @throws CommandError when there is neither such a ready scenario nor such a file, or it cannot be read */
export async function loadScenario(nameOrFile: string): Promise<Scenario> {
  const ready = readyScenarios.find((scenario) => scenario.name === nameOrFile)
  if (ready) return ready.scenario
  const text = await readFile(nameOrFile, "utf8").catch((error: unknown) => {
    const names = readyScenarios.map((scenario) => scenario.name).join(", ")
    throw new CommandError(
      `${nameOrFile} is neither a ready scenario (${names}) nor a file that can be read (${String(error)}).`,
      exitCodes.usage,
    )
  })
  const document = parseJsonDocument(text)
  if (!document.ok) {
    const { line, column } = document.at
    throw new CommandError(
      `${nameOrFile}:${line}:${column}: ${document.found} (${document.reason})`,
      exitCodes.usage,
    )
  }
  const result = scenarioSchema.safeParse(document.value)
  if (result.success) return result.data
  throw new CommandError(`${nameOrFile}: ${z.prettifyError(result.error)}`, exitCodes.usage)
}
