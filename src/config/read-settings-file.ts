import type { JsonObject } from "../core/json-object.ts"
import { type JsonDocument, parseJsonDocument, type TextPosition } from "./json-document.ts"
import { type Fault, pruneInvalid } from "./prune-invalid.ts"
import type { ReadText } from "./read-text-file.ts"
import { reasonOf } from "./reason-of.ts"
import { pathText, type ProblemSource, type SettingsPath, type SettingsProblem } from "./settings-problem.ts"

/** Characters. A real file has a few thousand; more is a mistake and would only delay the start. */
export const settingsFileLimit = 65_536

const start: TextPosition = { line: 1, column: 1 }

/** One of our own files, or `undefined` when it does not exist. Never rejects. */
export async function readSettingsFile(
  file: string,
  readFile: ReadText,
): Promise<SettingsSource | undefined> {
  let text: string | undefined
  try {
    text = await readFile(file)
  } catch (error) {
    return unreadable(file, start, `a file that cannot be read (${reasonOf(error)})`)
  }
  if (text === undefined) return undefined
  if (text.length > settingsFileLimit)
    return unreadable(file, start, `${text.length} characters, more than ${settingsFileLimit}`)
  const document = parseJsonDocument(text)
  return document.ok ? fileSource(file, document) : unreadable(file, document.at, document.found)
}

function fileSource(file: string, document: JsonDocument & { readonly ok: true }): SettingsSource {
  const { valid, faults } = pruneInvalid(document.value)
  const at = (position: TextPosition = start) => ({ from: "file", file, ...position }) as const
  const located = faults.map((fault) => ({ fault, source: at(positionOf(document, fault)) }))
  return {
    file,
    valid,
    faults: located.toSorted((a, b) => a.source.line - b.source.line || a.source.column - b.source.column),
    problems: document.repeated.map(({ path, at: position }) => ({
      code: "doubtful-setting",
      source: at(position),
      path: pathText(path),
      found: "a key that appears twice",
      allowed: "Allowed: each key once.",
      effect: "The last one counts.",
    })),
    find: (path, part) => {
      const position = document.locate(path, part)
      return position === undefined ? undefined : at(position)
    },
  }
}

function positionOf(document: JsonDocument & { readonly ok: true }, fault: Fault): TextPosition | undefined {
  const own = document.locate(fault.path, fault.what === "value" ? "value" : "key")
  // What is missing has no place of its own: its holder has.
  return own ?? document.locate(fault.path.slice(0, -1), "value")
}

function unreadable(file: string, at: TextPosition, found: string): SettingsSource {
  const source = { from: "file", file, ...at } as const
  const allowed = "Allowed: JSON, with comments and trailing commas."
  const effect = "The whole file is ignored."
  return {
    file,
    valid: {},
    faults: [],
    find: () => undefined,
    problems: [{ code: "unreadable-file", source, path: "", found, allowed, effect }],
  }
}

/** One source after reading: what of it holds, and what does not. */
export type SettingsSource = {
  readonly valid: JsonObject
  readonly faults: readonly { readonly fault: Fault; readonly source: ProblemSource }[]
  /** Set for a file that exists. */
  readonly file?: string
  /** What is wrong with the file beside its settings. */
  readonly problems?: readonly SettingsProblem[]
  /** A project's own: they are added to everybody else's, never replaced. */
  readonly prohibitions?: JsonObject
  /** Where this source says something about a path. */
  readonly find: (path: SettingsPath, part: "key" | "value") => ProblemSource | undefined
}
