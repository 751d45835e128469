import * as z from "zod/mini"
import en from "zod/v4/locales/en.js"
import { readFile } from "node:fs/promises"
import { sourceText } from "../../config/settings-problem.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { reasonOf } from "../../config/reason-of.ts"
import { usageError } from "../command-error.ts"
import { readyScenarios } from "./ready-scenarios.ts"
import { ownValue } from "../../core/json-object.ts"

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

/** @throws CommandError when there is neither such a ready scenario nor such a file, or it cannot be read */
export async function loadScenario(nameOrFile: string): Promise<Scenario> {
  const ready = ownValue(readyScenarios, nameOrFile)
  if (ready) return ready
  const text = await readFile(nameOrFile, "utf8").catch((error: unknown) => {
    const names = Object.keys(readyScenarios).join(", ")
    throw usageError(
      `${nameOrFile} is neither a ready scenario (${names}) nor a file that can be read: ${reasonOf(error)}.`,
    )
  })
  const document = parseJsonDocument(text)
  if (!document.ok) {
    const place = sourceText({ from: "file", file: nameOrFile, ...document.at })
    throw usageError(`${place}: found ${document.found}.`)
  }
  const result = scenarioSchema.safeParse(document.value, { error: en().localeError })
  if (result.success) return result.data
  throw usageError(`${nameOrFile}: ${z.prettifyError(result.error)}`)
}
