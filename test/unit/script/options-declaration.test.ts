import { expect, test } from "bun:test"
import { indexDeclaration, typeText } from "../../../script/options-declaration.ts"

test.each([
  [
    { type: "object", properties: { a: { type: "integer", description: "Count." } } },
    '{\n  /** Count. */\n  readonly "a"?: number\n}',
  ],
  [
    { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
    '{\n  readonly "a": string\n}',
  ],
  [{ type: "object", additionalProperties: { type: "boolean" } }, "{\n  readonly [name: string]: boolean\n}"],
  [
    { anyOf: [{ type: "string" }, { type: "array", items: { enum: ["a", "b"] } }] },
    'string | readonly ("a" | "b")[]',
  ],
])("%j", (schema, text) => {
  expect(typeText(schema, "")).toBe(text)
})

test("the package declares its settings, and nothing that is not shipped", () => {
  const text = indexDeclaration()
  expect(text).toContain('readonly "fallback_models"?: string | readonly (')
  expect(text).not.toContain("unknown |")
  expect([...text.matchAll(/from "([^"]+)"|import\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual([
    "@opencode-ai/plugin",
  ])
})
