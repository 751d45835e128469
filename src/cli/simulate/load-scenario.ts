import { readFile } from "node:fs/promises"
import * as z from "zod/mini"
import en from "zod/v4/locales/en.js"
import { sourceText } from "../../config/format-problem.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { reasonOf } from "../../config/reason-of.ts"
import { CommandError } from "../command-error.ts"
import { exitCodes } from "../exit-code.ts"
import { readyScenarios } from "./ready-scenarios.ts"
import { type Scenario, scenarioSchema } from "./scenario.ts"

/** @throws CommandError when there is neither such a ready scenario nor such a file, or it cannot be read */
export async function loadScenario(nameOrFile: string): Promise<Scenario> {
  const ready = readyScenarios.find((scenario) => scenario.name === nameOrFile)
  if (ready) return ready.scenario
  const text = await readFile(nameOrFile, "utf8").catch((error: unknown) => {
    const names = readyScenarios.map((scenario) => scenario.name).join(", ")
    throw new CommandError(
      `${nameOrFile} is neither a ready scenario (${names}) nor a file that can be read: ${reasonOf(error)}.`,
      exitCodes.usage,
    )
  })
  const document = parseJsonDocument(text)
  if (!document.ok) {
    const place = sourceText({ from: "file", file: nameOrFile, ...document.at })
    throw new CommandError(`${place}: found ${document.found}.`, exitCodes.usage)
  }
  const result = scenarioSchema.safeParse(document.value, { error: en().localeError })
  if (result.success) return result.data
  throw new CommandError(`${nameOrFile}: ${z.prettifyError(result.error)}`, exitCodes.usage)
}
