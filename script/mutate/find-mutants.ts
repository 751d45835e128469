import { parse } from "@babel/parser"

/** One change of a source file that a test should notice. */
export type Mutant = {
  readonly line: number
  /** For people: `a === b -> a !== b`. */
  readonly change: string
  /** The whole file with the change in it. */
  readonly text: string
}

/** A node of the syntax tree; its other properties hold further nodes, lists of them, and plain values. */
type Node = { readonly type: string; readonly start: number; readonly end: number } & Readonly<
  Record<string, unknown>
>
type Edit = { readonly from: number; readonly to: number; readonly insert: string }

const operators: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "&&": "||",
  "||": "&&",
  "+": "-",
  "-": "+",
  "*": "/",
}

/** Every mutant of a TypeScript file, but for what only the log would show. */
export function findMutants(source: string): readonly Mutant[] {
  const edits: Edit[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    if (!isNode(value) || isLeftOut(value)) return
    edits.push(...editsOf(value, source))
    for (const inner of Object.values(value)) visit(inner)
  }
  visit(parse(source, { sourceType: "module", plugins: ["typescript"] }).program.body)
  return edits.map(({ from, to, insert }) => ({
    line: source.slice(0, from).split("\n").length,
    change: `${oneLine(source.slice(from, to))} -> ${insert === "" ? "(nothing)" : oneLine(insert)}`,
    text: source.slice(0, from) + insert + source.slice(to),
  }))
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value
}

const wrappersOfExpressions = new Set(["TSAsExpression", "TSSatisfiesExpression"])

/** Types and imports leave no trace at run time, and no test should hold the words of the log. */
function isLeftOut(node: Node): boolean {
  if (node.type === "ImportDeclaration" || isLogCall(node)) return true
  if (node.type === "ExpressionStatement" && isLogCall(node["expression"])) return true
  return node.type.startsWith("TS") && !wrappersOfExpressions.has(node.type)
}

function isLogCall(node: unknown): boolean {
  if (!isNode(node) || node.type !== "CallExpression" || !isNode(node["callee"])) return false
  const { callee } = node
  const name = callee.type === "MemberExpression" ? callee["property"] : callee
  return isNode(name) && name["name"] === "log"
}

function editsOf(node: Node, source: string): readonly Edit[] {
  const replace = (target: unknown, ...inserts: readonly string[]): readonly Edit[] =>
    isNode(target) ? inserts.map((insert) => ({ from: target.start, to: target.end, insert })) : []
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
      return operatorEdits(node, source)
    case "IfStatement":
    case "ConditionalExpression":
      return replace(node["test"], "true", "false")
    case "WhileStatement":
      return replace(node["test"], "false")
    case "ReturnStatement":
      return replace(node["argument"], "undefined").filter(
        ({ from, to }) => !["undefined", "true", "false"].includes(source.slice(from, to)),
      )
    case "ExpressionStatement":
      return replace(node, ";")
    case "BooleanLiteral":
      // Also where it is returned, in the place of `undefined`, which hardly anybody tells from `false`.
      return replace(node, String(node["value"] !== true))
    default:
      return []
  }
}

function operatorEdits({ left, right, operator }: Node, source: string): readonly Edit[] {
  const insert = typeof operator === "string" ? operators[operator] : undefined
  if (insert === undefined || !isNode(left) || !isNode(right)) return []
  const from = source.indexOf(String(operator), left.end)
  return from === -1 || from > right.start ? [] : [{ from, to: from + String(operator).length, insert }]
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ")
  return line.length > 70 ? `${line.slice(0, 69)}…` : line
}
