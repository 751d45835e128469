import { applyEdits, modify } from "jsonc-parser"
import { parseJsonDocument } from "../../config/json-document.ts"
import { isObject, type JsonObject } from "../../config/prune-invalid.ts"

type Path = (string | number)[]

/** Sets one value and leaves every other character as it is: comments, order, indentation, line ends. */
export function setValue(text: string, path: readonly (string | number)[], value: unknown): string {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : ""
  const body = text.slice(mark.length)
  const source = body.trim() === "" ? "{}" : body
  const edits = modify(source, [...path], value, { formattingOptions: formatOf(source) })
  return mark + applyEdits(source, edits)
}

function formatOf(text: string): { tabSize: number; insertSpaces: boolean; eol: string } {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? "  "
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  }
}

/** Adds to a list at the top level; makes the list where there is none. */
export function appendTo(text: string, key: string, value: unknown): string {
  const present = read(text)[key]
  return Array.isArray(present)
    ? setValue(text, [key, present.length], value)
    : setValue(text, [key], [value])
}

/** Takes entries out of a list at the top level, from the end so that positions stay right. */
export function removeFrom(text: string, key: string, isMeant: (entry: unknown) => boolean): string {
  const present = read(text)[key]
  if (!Array.isArray(present)) return text
  return present.reduceRight<string>(
    (edited, entry: unknown, index) => (isMeant(entry) ? setValue(edited, [key, index], undefined) : edited),
    text,
  )
}

/** Adds what is missing and changes nothing that is there. */
export function addMissing(
  text: string,
  settings: JsonObject,
): { readonly text: string; readonly kept: readonly string[] } {
  const kept: string[] = []
  let edited = text
  const add = (wanted: JsonObject, present: JsonObject, path: Path): void => {
    for (const [key, value] of Object.entries(wanted)) {
      const here = [...path, key]
      const there = Object.hasOwn(present, key) ? present[key] : undefined
      if (there === undefined) edited = setValue(edited, here, value)
      else if (isObject(there) && isObject(value)) add(value, there, here)
      else if (JSON.stringify(there) !== JSON.stringify(value)) kept.push(here.join("."))
    }
  }
  add(settings, read(text), [])
  return { text: edited, kept }
}

function read(text: string): JsonObject {
  const document = parseJsonDocument(text)
  return document.ok && isObject(document.value) ? document.value : {}
}
