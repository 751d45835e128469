import { readFile } from "node:fs/promises"
import * as z from "zod/mini"
import en from "zod/v4/locales/en.js"
import { sourceText } from "../../config/format-problem.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { reasonOf } from "../../config/reason-of.ts"
import { usageError } from "../command-error.ts"
import { readyScenarios } from "./ready-scenarios.ts"
import { type Scenario, scenarioSchema } from "./scenario.ts"
import { ownValue } from "../../core/own-value.ts"

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
