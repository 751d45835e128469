import { parse } from "@babel/parser"
import { Glob } from "bun"
import { expect, test } from "bun:test"
import { join } from "node:path"

const root = join(import.meta.dir, "../../..")
const mostLines = 40
/** Closures in the place of a class: what counts is each of their own functions. */
const factory = /^(?:create|connect|link|watch|catch)[A-Z]/

type Long = { readonly name: string; readonly lines: number }

/** All functions of a tree that are longer, by the name that they are given. */
function longFunctions(node: unknown, given = "", found: Long[] = []): readonly Long[] {
  if (Array.isArray(node)) for (const item of node) longFunctions(item, given, found)
  if (typeof node !== "object" || node === null || !("type" in node)) return found
  const own = nameIn(node, "id") ?? nameIn(node, "key")
  const name = own ?? given
  if (/Function|Method/.test(String(node.type)) && "body" in node) {
    const lines = lineOf(node, "end") - lineOf(node, "start") + 1
    if (lines > mostLines) found.push({ name, lines })
  }
  for (const [key, value] of Object.entries(node)) if (key !== "loc") longFunctions(value, own ?? "", found)
  return found
}

function nameIn(node: object, key: string): string | undefined {
  const name: unknown = Reflect.get(Object(Reflect.get(node, key)), "name")
  return typeof name === "string" ? name : undefined
}

function lineOf(node: object, end: "start" | "end"): number {
  const loc: unknown = Reflect.get(node, "loc")
  return Number(Reflect.get(Object(Reflect.get(Object(loc), end)), "line"))
}

test("no function of src has more than 40 lines, but for factories", async () => {
  const long: string[] = []
  for (const file of new Glob("src/**/*.ts").scanSync(root)) {
    const source = await Bun.file(join(root, file)).text()
    const { program } = parse(source, { sourceType: "module", plugins: ["typescript"] })
    for (const { name, lines } of longFunctions(program.body))
      if (!factory.test(name)) long.push(`${file}: ${name} ${lines}`)
  }
  expect(long).toEqual([])
})
