import type { ReadText } from "./agent-key-position.ts"
import { type JsonDocument, parseJsonDocument, type TextPosition } from "./json-document.ts"
import { type Fault, pruneInvalid } from "./prune-invalid.ts"
import { reasonOf } from "./reason-of.ts"
import { pathText } from "./settings-problem.ts"
import type { SettingsSource } from "./settings-source.ts"

/** Characters. A real file has a few thousand; more is a mistake and would only delay the start. */
export const settingsFileLimit = 262_144

/** One of our own files, or `undefined` when it does not exist. Never rejects. */
export async function readSettingsFile(
  file: string,
  readFile: ReadText,
): Promise<SettingsSource | undefined> {
  let text: string | undefined
  try {
    text = await readFile(file)
  } catch (error) {
    return unreadable(file, { line: 1, column: 1 }, `a file that cannot be read (${reasonOf(error)})`)
  }
  if (text === undefined) return undefined
  if (text.length > settingsFileLimit)
    return unreadable(
      file,
      { line: 1, column: 1 },
      `${text.length} characters, more than ${settingsFileLimit}`,
    )
  const document = parseJsonDocument(text)
  if (!document.ok)
    return unreadable(file, document.at, `${JSON.stringify(document.found)} (${document.reason})`)
  return fileSource(file, document)
}

function fileSource(file: string, document: JsonDocument & { readonly ok: true }): SettingsSource {
  const { valid, faults } = pruneInvalid(document.value)
  const at = (position: TextPosition = { line: 1, column: 1 }) =>
    ({ from: "file", file, ...position }) as const
  const located = faults.map((fault) => ({ fault, source: at(positionOf(document, fault)) }))
  return {
    file,
    valid,
    faults: located.toSorted((a, b) => a.source.line - b.source.line || a.source.column - b.source.column),
    doubtful: document.repeated.map(({ path, at: position }) => ({
      source: at(position),
      path: pathText(path),
      found: "a key that stands twice",
      allowed: "Allowed: each key once.",
      effect: "The last one counts.",
      isDoubtful: true,
    })),
    find: (path) => {
      const position = document.locate(path, "value")
      return position === undefined ? undefined : at(position)
    },
  }
}

function positionOf(document: JsonDocument & { readonly ok: true }, fault: Fault): TextPosition | undefined {
  const own = document.locate(fault.path, fault.isKey ? "key" : "value")
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
    unreadable: { source, path: "", found, allowed, effect },
  }
}
