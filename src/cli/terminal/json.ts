import type { Terminal } from "./terminal.ts"
import type { JsonObject } from "../../core/json-object.ts"

/** Of all documents together; what it promises stands in docs/json.md. */
export const jsonVersion = 1

/** A result for programs: one document, with the version of its shape in front. */
export function writeJson(terminal: Pick<Terminal, "write">, result: JsonObject): void {
  terminal.write(`${JSON.stringify({ version: jsonVersion, ...result }, undefined, 2)}\n`)
}

/** The same on one line, where one follows the other. */
export function writeJsonLine(terminal: Pick<Terminal, "write">, result: JsonObject): void {
  terminal.write(`${JSON.stringify({ version: jsonVersion, ...result })}\n`)
}

export function isoTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
