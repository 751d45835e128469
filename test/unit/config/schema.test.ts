import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { readFile } from "node:fs/promises"
import * as z from "zod"
import { zodToJsonSchema } from "zod-to-json-schema"
import { schemaAddress, settingsJsonSchema } from "../../../script/settings-json-schema.ts"
import { defaultSettings, settingsSchema } from "../../../src/config/schema.ts"
import { parseModelKey } from "../../../src/core/model-ref.ts"
import { isRecord } from "../../simulator/protocol/json.ts"
import { badDocuments, goodDocuments } from "./settings-documents.ts"

const jsonSchema = settingsJsonSchema()
// The way back, by another part of Zod that throws at keywords it does not know. No JSON Schema validator is
// among our dependencies; the same table was run once through ajv 8 with the same verdicts.
const fromJsonSchema = z.fromJSONSchema(jsonSchema)

describe("one schema for both", () => {
  test.each(goodDocuments.map(([title, document]) => ({ title, document })))(
    "both accept $title",
    ({ document }) => {
      expect(settingsSchema.safeParse(document).error?.issues ?? []).toEqual([])
      expect(fromJsonSchema.safeParse(document).success).toBe(true)
    },
  )

  test.each(badDocuments.map(([title, document]) => ({ title, document })))(
    "both reject $title",
    ({ document }) => {
      expect(settingsSchema.safeParse(document).success).toBe(false)
      expect(fromJsonSchema.safeParse(document).success).toBe(false)
    },
  )

  test("the model pattern accepts exactly what parseModelKey reads", () => {
    const parts = fc
      .array(fc.constantFrom("a", "/", " ", "\n", ":", "B", "-"), { maxLength: 8 })
      .map((list) => list.join(""))
    fc.assert(
      fc.property(parts, (text) => {
        expect(settingsSchema.safeParse({ fallback_models: text }).success).toBe(
          parseModelKey(text) !== undefined,
        )
      }),
    )
  })
})

test("a category's model may bear its variant; a key of its own outranks it", () => {
  const categories = {
    a: { model: "a/b#high" },
    b: { model: "c/d#low", variant: "max" },
    c: { variant: "max" },
  }
  expect(settingsSchema.parse({ categories }).categories).toEqual({
    a: { model: "a/b", variant: "high" },
    b: { model: "c/d", variant: "max" },
    c: { variant: "max" },
  })
  expect(settingsSchema.safeParse({ categories: { a: { model: "a/#high" } } }).success).toBe(false)
})

describe("a list of fallback models", () => {
  test.each([
    ["one model as a string", "openai/gpt-5.2", [{ model: "openai/gpt-5.2" }]],
    ["the order is kept", ["c/c", "a/a"], [{ model: "c/c" }, { model: "a/a" }]],
    [
      "surrounding space is dropped",
      ["  a/b\n", { model: " c/d ", variant: " low " }],
      [{ model: "a/b" }, { model: "c/d", variant: "low" }],
    ],
    [
      "OpenCode 2 writes a variant behind the model; a key of its own outranks it",
      ["a/b#high", { model: "c/d#low" }, { model: "e/f#low", variant: "max" }, "g/h#"],
      [
        { model: "a/b", variant: "high" },
        { model: "c/d", variant: "low" },
        { model: "e/f", variant: "max" },
        { model: "g/h" },
      ],
    ],
    [
      "only the first slash divides",
      "openrouter/meta/llama-3:free",
      [{ model: "openrouter/meta/llama-3:free" }],
    ],
    [
      "a model that is named twice stays: it is the linter's to name",
      ["a/b", "A/b"],
      [{ model: "a/b" }, { model: "A/b" }],
    ],
    [
      "all parameters are carried over, zeros too",
      [{ model: "a/b", variant: "v", temperature: 0, top_p: 0, max_tokens: 1 }],
      [{ model: "a/b", variant: "v", temperature: 0, top_p: 0, max_tokens: 1 }],
    ],
  ])("%s", (_title, fallback_models, entries) => {
    const read: unknown = settingsSchema.parse({ fallback_models }).fallback_models
    expect(read).toStrictEqual(entries)
  })
})

describe("the JSON schema", () => {
  test("zod-to-json-schema yields an empty schema for Zod 4, which is why Zod's own converter is used", () => {
    const convert = (schema: unknown): unknown => Reflect.apply(zodToJsonSchema, undefined, [schema])
    // The same key in the full Zod 4 API and in ours: the one is lost without a word, the other not understood.
    expect(convert(z.strictObject({ runtime_fallback: z.strictObject({ enabled: z.boolean() }) }))).toEqual({
      $schema: "http://json-schema.org/draft-07/schema#",
    })
    expect(() => convert(settingsSchema)).toThrow(TypeError)
    expect(Object.keys(Object(jsonSchema["properties"]))).toContain("runtime_fallback")
  })

  test("offers examples that the settings take as they are", () => {
    const documents = exampleDocuments(jsonSchema)
    expect(documents.length).toBeGreaterThan(10)
    for (const document of documents)
      expect(settingsSchema.safeParse(document).error?.issues ?? [], JSON.stringify(document)).toEqual([])
  })

  test("has a title and an address", () => {
    expect(jsonSchema).toMatchObject({ title: "opencode-understudy settings", $id: schemaAddress })
  })

  test("asks for no key at the top level: everything has a default", () => {
    expect(jsonSchema["required"]).toBeUndefined()
  })

  test("the file in assets/ is fresh", async () => {
    const file = await readFile(new URL("../../../assets/understudy.schema.json", import.meta.url), "utf8")
    expect(file).toBe(`${JSON.stringify(jsonSchema, undefined, 2)}\n`)
  })

  test("describes every key with a sentence, and says the default that is in force", () => {
    const properties = describedKeys(jsonSchema, [])
    expect(properties.length).toBeGreaterThan(30)
    expect(properties.filter(({ description }) => !description.endsWith("."))).toEqual([])
    const said = properties.flatMap(({ path, description, byDefault }) => {
      const text = / Default: ([\w.]+?)(?: \(.+\))?\.$/.exec(description)?.[1]
      return text === undefined || typeof byDefault === "object" || byDefault === undefined
        ? []
        : [{ path, text, byDefault: JSON.stringify(byDefault).replaceAll('"', "") }]
    })
    expect(said.length).toBeGreaterThan(12)
    expect(said.filter(({ text, byDefault }) => text !== byDefault)).toEqual([])
  })
})

describe("defaultSettings", () => {
  test("are those of the design", () => {
    expect(defaultSettings()).toEqual({
      runtime_fallback: {
        enabled: true,
        retry_on_errors: [429, 503, 529],
        fallback_on: [
          "rate_limit",
          "overloaded",
          "unavailable",
          "server_error",
          "timeout",
          "network",
          "quota",
          "billing",
          "auth",
          "model_not_found",
          "empty_answer",
        ],
        retry_on_patterns: [],
        max_fallback_attempts: 3,
        cooldown_seconds: 60,
        cooldown_multiplier: 2,
        max_cooldown_seconds: 3600,
        patience_seconds: 0,
        same_model_retries: {
          rate_limit: 0,
          overloaded: 0,
          unavailable: 0,
          server_error: 1,
          timeout: 0,
          network: 1,
          quota: 0,
          billing: 0,
          auth: 0,
          model_not_found: 0,
          empty_answer: 1,
          context_overflow: 0,
          bad_request: 0,
          content_filter: 0,
          unknown: 0,
        },
        first_token_timeout_seconds: 0,
        stall_timeout_seconds: 0,
        restore_primary: "after_cooldown",
        notify_on_fallback: true,
        store: "sqlite",
        when_exhausted: "error",
        max_wait_seconds: 3600,
        log_level: "info",
      },
      fallback_models: [],
      agents: {},
      categories: {},
      models: {},
      providers: {},
      ignore_models: [],
    })
  })
})

type Described = { readonly path: string; readonly description: string; readonly byDefault: unknown }

/** Every named key of the schema, also below keys of the user's choice; kinds of failure share one description. */
function describedKeys(node: unknown, path: readonly string[]): readonly Described[] {
  if (typeof node !== "object" || node === null) return []
  if (Array.isArray(node)) return node.flatMap((item) => describedKeys(item, path))
  return Object.entries(node).flatMap(([keyword, value]) => {
    if (keyword !== "properties") return typeof value === "object" ? describedKeys(value, path) : []
    return Object.entries(Object(value)).flatMap(([key, child]) => {
      const below = [...path, key]
      const own =
        path.at(-1) === "same_model_retries"
          ? []
          : [
              {
                path: below.join("."),
                description: String(Reflect.get(Object(child), "description")),
                byDefault: Reflect.get(Object(child), "default"),
              },
            ]
      return [...own, ...describedKeys(child, below)]
    })
  })
}

/** Settings that hold nothing but one example, for each example of the schema. */
function exampleDocuments(node: unknown): readonly unknown[] {
  if (!isRecord(node)) return []
  const own: readonly unknown[] = Array.isArray(node["examples"]) ? node["examples"] : []
  const named = Object.entries(Object(node["properties"]) as object).flatMap(([key, child]) =>
    exampleDocuments(child).map((value) => ({ [key]: value })),
  )
  // A name that is right for an agent, a category and a provider, and one for a model.
  const keyed = exampleDocuments(node["additionalProperties"]).map((value) => ({
    [isRecord(node["propertyNames"]) && "pattern" in node["propertyNames"] ? "openai/gpt-5.2" : "deep"]:
      value,
  }))
  return [...own, ...named, ...keyed]
}
