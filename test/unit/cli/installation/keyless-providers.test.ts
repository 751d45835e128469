import { expect, test } from "bun:test"
import { findKeyless } from "../../../../src/cli/installation/keyless-providers.ts"
import type { Environment } from "../../../../src/config/this-user.ts"
import type { JsonObject } from "../../../../src/core/json-object.ts"
import { catalogOf } from "../../catalog-of.ts"

const catalog = catalogOf({
  "openai/a": { npm: "@ai-sdk/openai" },
  "google/a": { npm: "@ai-sdk/google" },
  "gateway/a": { npm: "@ai-sdk/openai" },
  "minimax/a": { npm: "@ai-sdk/anthropic" },
  "groq/a": { npm: "@ai-sdk/openai-compatible" },
  "local/a": { npm: "@ai-sdk/openai-compatible" },
})

function keyless(
  provider: JsonObject,
  env: Environment = {},
  credentials: Readonly<Record<string, string>> = {},
  plugin = "opencode-understudy",
  isVersion2 = false,
): readonly string[] {
  const plugins = [{ spec: plugin, name: plugin, options: undefined }]
  const asked = { answers: { isVersion2 }, own: { config: { provider }, plugins }, catalog }
  return findKeyless(asked, { env, credentials: new Map(Object.entries(credentials)) })
}

test("a provider that is only configured has no key", () => {
  expect(keyless({ openai: {}, google: { options: { timeout: 1 } } })).toEqual(["google", "openai"])
})

test("of OpenCode 2 it is not known where its keys are", () => {
  expect(keyless({ openai: {} }, {}, {}, "opencode-understudy", true)).toEqual([])
})

test.each<[string, JsonObject, Environment, Readonly<Record<string, string>>]>([
  ["a variable of its own", { openai: {} }, { OPENAI_API_KEY: "k" }, {}],
  ["one that only OpenCode knows", { minimax: { options: { timeout: 1 } } }, { MINIMAX_API_KEY: "k" }, {}],
  ["that, and names its package", { minimax: { npm: "@ai-sdk/anthropic" } }, { MINIMAX_API_KEY: "k" }, {}],
  ["a package as of its own making", { gateway: { npm: "@ai-sdk/openai" } }, {}, {}],
  ["another package", { groq: {} }, {}, {}],
  ["no place in the configuration", {}, {}, {}],
  ["another name of that", { google: {} }, { GEMINI_API_KEY: "k" }, {}],
  ["a variable that the configuration names", { openai: { env: ["WORK"] } }, { WORK: "k" }, {}],
  ["a key in the configuration", { openai: { options: { apiKey: "{env:K}" } } }, {}, {}],
  ["a login", { openai: {} }, {}, { openai: "oauth" }],
  ["a stored key", { openai: {} }, {}, { openai: "api" }],
  ["an organisation's login, which may give one", { openai: {} }, {}, { "https://x": "wellknown" }],
  ["credentials in a variable", { openai: {} }, { OPENCODE_AUTH_CONTENT: "{}" }, {}],
  ["no need of one", { local: {} }, {}, {}],
  ["no model", { anthropic: {} }, {}, {}],
])("nothing is said of one that has %s", (_title, provider, env, credentials) => {
  expect(keyless(provider, env, credentials)).toEqual([])
})

test("nothing is said where another plugin may give a key, and of an empty variable that there is none", () => {
  expect(keyless({ openai: {} }, {}, {}, "opencode-auth")).toEqual([])
  expect(keyless({ openai: {} }, { OPENAI_API_KEY: "" })).toEqual(["openai"])
})
