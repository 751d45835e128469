import { createScanner, getNodeValue, type Node, parseTree } from "jsonc-parser"
import { childOf } from "../../config/json-document.ts"
import { isObject, type JsonObject } from "../../core/json-object.ts"

/*
 * Edits of JSON with comments that leave every other character as it is. The positions come from jsonc-parser;
 * its own `modify` is not used, because it formats what stands beside the edit on the same lines, and its removal
 * of a list's last entry leaves broken JSON behind (3.3.1).
 */

/** Adds to a list at the top level; makes the list where there is none. */
export function appendTo(text: string, key: string, value: unknown): string {
  const source = orObject(text)
  const list = nodeAt(source, [key])
  return list?.type === "array"
    ? insert(source, list, (style, indent) => jsonText(value, style, indent))
    : setMissing(source, [], key, [value])
}

/** Takes entries out of a list at the top level, and with the last one the list. */
export function removeFrom(text: string, key: string, isMeant: (entry: unknown) => boolean): string {
  let edited = text
  for (let index = (nodeAt(text, [key])?.children ?? []).length - 1; index >= 0; index -= 1) {
    const list = nodeAt(edited, [key])?.children ?? []
    const entry = list[index]
    if (entry !== undefined && isMeant(getNodeValue(entry))) edited = withoutMember(edited, list, index)
  }
  return edited !== text && isBare(edited, [key]) ? removeKey(edited, [key]) : edited
}

/** Takes a key out; an object that is left empty by that goes as a whole, but for the document itself. */
export function removeKey(text: string, path: readonly string[]): string {
  const holder = path.slice(0, -1)
  const members = nodeAt(text, holder)?.children ?? []
  const index = members.findLastIndex((member) => member.children?.[0]?.value === path.at(-1))
  if (index === -1) return text
  const edited = withoutMember(text, members, index)
  return holder.length > 0 && isBare(edited, holder) ? removeKey(edited, holder) : edited
}

/** Whether there is nothing in a list or an object, not even something that somebody has commented out. */
function isBare(text: string, path: readonly string[]): boolean {
  const node = nodeAt(text, path)
  return node !== undefined && text.slice(node.offset + 1, endOf(node) - 1).trim() === ""
}

/** Puts another value in the place of the one at a path; changes nothing where there is none. */
export function replaceAt(text: string, path: readonly (string | number)[], value: unknown): string {
  const node = nodeAt(text, path)
  if (node === undefined) return text
  const style = styleOf(text)
  return (
    text.slice(0, node.offset) + jsonText(value, style, indentAt(text, node.offset)) + text.slice(endOf(node))
  )
}

/** Takes a member out with its comma, and with its lines where it has them for itself; what is said of others stays. */
function withoutMember(text: string, members: readonly Node[], index: number): string {
  const [before, member, after] = [members[index - 1], members[index], members[index + 1]]
  if (member === undefined) return text
  const comma = commaBehind(text, endOf(member))
  const end = comma === undefined ? endOf(member) : comma + 1
  const { from, to } = withSpace(text, { from: member.offset, to: end }, after === undefined)
  // The one before is the last now, in a list that has no comma behind its last one.
  const dangling = comma === undefined && before ? commaBehind(text, endOf(before)) : undefined
  if (dangling === undefined) return text.slice(0, from) + text.slice(to)
  return text.slice(0, dangling) + text.slice(dangling + 1, from) + text.slice(to)
}

/** Where the comma stands that comes next, behind white space and comments. */
function commaBehind(text: string, position: number): number | undefined {
  const scanner = createScanner(text, true)
  scanner.setPosition(position)
  scanner.scan()
  const offset = scanner.getTokenOffset()
  return text[offset] === "," ? offset : undefined
}

type Range = { readonly from: number; readonly to: number }

/** Whole lines where nothing else stands on them but a comment behind the range; else the space on one side of it. */
function withSpace(text: string, { from, to }: Range, isLast: boolean): Range {
  const [ahead, behind] = [text.slice(0, from), text.slice(to)]
  const indent = /[ \t]*$/.exec(ahead)?.[0].length ?? 0
  const lineEnd = /^[ \t]*(?:\/\/[^\r\n]*)?\r?\n/.exec(behind)?.[0].length
  if (lineEnd !== undefined && ahead.endsWith("\n", from - indent))
    return { from: from - indent, to: to + lineEnd }
  if (isLast) return { from: from - indent, to }
  return { from, to: to + (/^[ \t]*/.exec(behind)?.[0].length ?? 0) }
}

/** Adds what is missing and changes nothing that is there. */
export function addMissing(text: string, settings: JsonObject) {
  const kept: string[] = []
  let edited = orObject(text)
  const add = (wanted: JsonObject, path: readonly string[]): void => {
    for (const [key, value] of Object.entries(wanted)) {
      const here = [...path, key]
      const node = nodeAt(edited, here)
      if (node === undefined) edited = setMissing(edited, path, key, value)
      else if (node.type === "object" && isObject(value)) add(value, here)
      else if (JSON.stringify(getNodeValue(node)) !== JSON.stringify(value)) kept.push(here.join("."))
    }
  }
  add(settings, [])
  return { text: edited, kept }
}

function setMissing(text: string, path: readonly string[], key: string, value: unknown): string {
  const holder = nodeAt(text, path)
  if (holder?.type !== "object") return text
  return insert(text, holder, (style, indent) => `${JSON.stringify(key)}: ${jsonText(value, style, indent)}`)
}

type Member = (style: JsonStyle, indent: string) => string

/** Puts a member behind the last one of a list or an object, on a line of its own where that one has one. */
function insert(text: string, holder: Node, member: Member): string {
  const style = styleOf(text)
  const last = holder.children?.at(-1)
  if (last === undefined) return insertFirst(text, holder, member, style)
  const previous = holder.children?.at(-2)
  const gapStart = previous === undefined ? holder.offset : endOf(previous)
  // Comments behind the last member stay with it, and so do those behind its comma where it has one already.
  const [behind = "", comma] =
    /^(?:[ \t]*\/\*[^]*?\*\/)*(?:[ \t]*(,)(?:[ \t]*\/\*[^]*?\*\/)*)?/.exec(text.slice(endOf(last))) ?? []
  const end = endOf(last) + behind.length
  const [rest = ""] = /^[ \t]*(?:\/\/[^\r\n]*)?(?=\r?\n)/.exec(text.slice(end)) ?? []
  const lineEnd = end + rest.length
  const indent = indentAt(text, last.offset)
  const hasLine = rest.includes("//") || text.slice(gapStart, last.offset).includes("\n")
  const added = (hasLine ? style.eol + indent : " ") + member(style, indent)
  const place = hasLine ? lineEnd : end
  if (comma === undefined)
    return `${text.slice(0, end)},${text.slice(end, place)}${added}${text.slice(place)}`
  return `${text.slice(0, place)}${added},${text.slice(place)}`
}

function insertFirst(text: string, holder: Node, member: Member, style: JsonStyle): string {
  const indent = indentAt(text, holder.offset)
  const inside = holder.offset + 1
  const isList = holder.type === "array"
  if (isList) return `${text.slice(0, inside)}${member(style, indent)}${text.slice(inside)}`
  const inner = indent + style.unit
  const rest = text.slice(inside)
  const tail = /^\s*\}/.test(rest) ? `${style.eol}${indent}${rest.trimStart()}` : rest
  return `${text.slice(0, inside)}${style.eol}${inner}${member(style, inner)}${tail}`
}

function nodeAt(text: string, path: readonly (string | number)[]): Node | undefined {
  // Windows editors put a byte order mark in front; as a space it moves no position.
  let node = parseTree(text.replace(/^\uFEFF/, " "), [], { allowTrailingComma: true })
  for (const step of path) {
    const child: Node | undefined = childOf(node, step)
    node = child?.type === "property" ? child.children?.[1] : child
  }
  return node
}

/** A file that is empty, or in which everything is commented out, gets an object at its end. */
function orObject(text: string): string {
  if (nodeAt(text, []) !== undefined) return text
  const { eol } = styleOf(text)
  return text.trim() === "" ? `{}${eol}` : `${text}${eol}{}${eol}`
}

function endOf(node: Node): number {
  return node.offset + node.length
}

/** The white space that the line of a position begins with. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset)
  return /^\uFEFF?([ \t]*)/.exec(line)?.[1] ?? ""
}

/** Longest list that stands on one line. */
const longestLine = 90

type JsonStyle = { readonly unit: string; readonly eol: string }

/** The indentation and line ends that a text uses; two spaces where it shows none. */
function styleOf(text: string): JsonStyle {
  return { unit: /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ", eol: text.includes("\r\n") ? "\r\n" : "\n" }
}

/**
 * A value as a person would write it: objects over several lines, short lists of plain values on one.
 *
 * @param indent of the line that the value begins on
 */
function jsonText(value: unknown, style: JsonStyle, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const inner = indent + style.unit
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((item: unknown) => jsonText(item, style, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item, style, inner)}`)
  const [open, close] = isList ? ["[", "]"] : ["{", "}"]
  const line = `${open}${parts.join(", ")}${close}`
  if (parts.length === 0) return `${open}${close}`
  const isPlain = isList && !line.includes("\n") && !line.includes("{")
  if (isPlain && line.length <= longestLine) return line
  return `${open}${style.eol}${inner}${parts.join(`,${style.eol}${inner}`)}${style.eol}${indent}${close}`
}
