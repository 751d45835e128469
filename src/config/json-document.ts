import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser"
import type { SettingsPath } from "./settings-problem.ts"
import { shortValue } from "./short-value.ts"

/** Lines and columns count from 1. */
export type TextPosition = { readonly line: number; readonly column: number }

export type JsonDocument =
  | {
      readonly ok: true
      readonly value: unknown
      /** Where the value at a path stands, or its key; `undefined` when the document has no such path. */
      readonly locate: (path: SettingsPath, part: "key" | "value") => TextPosition | undefined
      /** Keys that stand twice in one object, of which the last one counts; not more than ten. */
      readonly repeated: readonly { readonly path: SettingsPath; readonly at: TextPosition }[]
    }
  /** `found`: what stands there and what is wrong with it, for people and without what looks like a secret. */
  | { readonly ok: false; readonly at: TextPosition; readonly found: string }

/** Reads JSON with comments and trailing commas. A text without any content is an empty object. */
export function parseJsonDocument(source: string): JsonDocument {
  // Windows editors put a byte order mark in front; it is no part of the text.
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source
  const errors: ParseError[] = []
  let tree: Node | undefined
  let value: unknown = {}
  try {
    tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true })
    if (tree !== undefined) value = getNodeValue(tree)
  } catch {
    // Both are recursive: thousands of open brackets exhaust the stack.
    return { ok: false, at: { line: 1, column: 1 }, found: "brackets that are nested too deeply" }
  }
  const first = errors[0]
  if (first !== undefined) return notJson(text, first)
  const root = tree
  return {
    ok: true,
    value,
    locate: (path, part) => {
      const offset = root && offsetOf(root, path, part)
      return offset === undefined ? undefined : positionAt(text, offset)
    },
    repeated: repeatedKeys(root, [])
      .slice(0, mostRepeated)
      .map(({ path, offset }) => ({ path, at: positionAt(text, offset) })),
  }
}

/** Each is looked up in the text. */
const mostRepeated = 10

/** Keys and positions on the way to the deepest setting that there is, generously. */
const deepestSetting = 10

const reasons: Readonly<Record<string, string>> = {
  InvalidSymbol: "not a JSON value; keys and texts need double quotes",
  InvalidNumberFormat: "not a number",
  PropertyNameExpected: "a key in quotes is missing",
  ValueExpected: "a value is missing",
  ColonExpected: "a `:` is missing",
  CommaExpected: "a comma is missing",
  CloseBraceExpected: "a `}` is missing",
  CloseBracketExpected: "a `]` is missing",
  EndOfFileExpected: "more than one value",
  InvalidCommentToken: "not a comment",
  UnexpectedEndOfComment: "the comment does not end",
  UnexpectedEndOfString: "the string does not end",
  UnexpectedEndOfNumber: "the number does not end",
  InvalidUnicode: "not a character",
  InvalidEscapeCharacter: "an unknown escape",
  InvalidCharacter: "a character that JSON does not allow in a string",
}

/** A bracket of the one kind where one of the other kind is open: a comma, which the parser asks for, would not help. */
const unclosed: Readonly<Record<string, string>> = { "}": "a `]` is missing", "]": "a `}` is missing" }

function notJson(text: string, { error, offset, length }: ParseError): JsonDocument {
  const [found] = text.slice(offset, offset + Math.max(1, length)).split("\n", 1)
  // A text comes with its quotes, which it gets again.
  const shown = found ? shortValue(found.replace(/^"(.*)"$/, "$1"), []) : "the end of the file"
  const reason = unclosed[found ?? ""] ?? reasons[printParseErrorCode(error)] ?? "not JSON"
  return { ok: false, at: positionAt(text, offset), found: `${shown} (${reason})` }
}

type Repeated = { readonly path: SettingsPath; readonly offset: number }

function repeatedKeys(node: Node | undefined, path: SettingsPath): readonly Repeated[] {
  if (path.length > deepestSetting) return []
  const seen = new Set<unknown>()
  return (node?.children ?? []).flatMap((child, index): readonly Repeated[] => {
    const [key, value] = child.type === "property" ? (child.children ?? []) : []
    if (key === undefined) return repeatedKeys(child, [...path, index])
    const here = [...path, String(key.value)]
    const again = seen.has(key.value) ? [{ path: here, offset: key.offset }] : []
    seen.add(key.value)
    return [...again, ...repeatedKeys(value, here)]
  })
}

function offsetOf(root: Node, path: SettingsPath, part: "key" | "value"): number | undefined {
  let node: Node | undefined = root
  let offset: number | undefined = root.offset
  for (const step of path) {
    const next: Node | undefined = childOf(node, step)
    if (next === undefined) return undefined
    const [key, value]: readonly (Node | undefined)[] =
      next.type === "property" ? (next.children ?? []) : [next, next]
    offset = part === "key" ? key?.offset : value?.offset
    node = value
  }
  return offset
}

/** An entry of a list, or a property of an object with its key. */
export function childOf(node: Node | undefined, step: string | number): Node | undefined {
  if (typeof step === "number") return node?.type === "array" ? node.children?.[step] : undefined
  // Of a key written twice the last one counts, as in `getNodeValue`.
  return node?.type === "object"
    ? node.children?.findLast((property) => property.children?.[0]?.value === step)
    : undefined
}

function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf("\n") + 1
  return { line: before.split("\n").length, column: offset - lineStart + 1 }
}
