import { describe, expect, test } from "bun:test"
import { withoutAgentKeys, withoutFrontMatterKeys } from "../../../../src/cli/remove/remove-command.ts"
import { scratch } from "../scratch-terminal.ts"

test.each([
  [
    "lists and categories of all agents, and agents that hold nothing else",
    '{\n  "agent": {\n    "build": { "model": "a/b", "fallback_models": ["c/d"] },\n    "plan": { "category": "deep" }\n  }\n}',
    '{\n  "agent": {\n    "build": { "model": "a/b" }\n  }\n}',
  ],
  [
    "a misspelt key, in options, too",
    '{ "mode": { "x": { "options": { "fallbackModels": [], "t": 1 } } }, "agents": { "y": { "fallback_model": "a/b", "z": 1 } } }',
    '{ "mode": { "x": { "options": { "t": 1 } } }, "agents": { "y": { "z": 1 } } }',
  ],
  [
    "nothing where there is nothing of ours",
    '{ "agent": { "build": { "model": "a/b" } } }',
    '{ "agent": { "build": { "model": "a/b" } } }',
  ],
  [
    "no comment, though nothing else is left of the agent",
    '{\n  "agent": {\n    "build": {\n      // "model": "a/b",\n      "fallback_models": ["c/d"] // ours\n    }\n  }\n}',
    '{\n  "agent": {\n    "build": {\n      // "model": "a/b",\n    }\n  }\n}',
  ],
  [
    "a key that stands twice, which would count once the other one is gone",
    '{ "agent": { "build": { "category": "a", "model": "a/b", "category": "b" } } }',
    '{ "agent": { "build": { "model": "a/b" } } }',
  ],
  ["nothing of a file that cannot be read", '{ "agent": {', '{ "agent": {'],
])("takes %s", (_, before, after) => {
  expect(withoutAgentKeys(before)).toBe(after)
})

describe("in front matter", () => {
  test.each([
    [
      "a list with the lines under it",
      "---\nmodel: a/b\nfallback_models:\n  - c/d\n  - e/f\nmode: primary\n---\nText\n",
      "---\nmodel: a/b\nmode: primary\n---\nText\n",
    ],
    [
      "a list that is not indented",
      "---\nfallback_models:\n- c/d\n- e/f\nmode: primary\n---\nText\n",
      "---\nmode: primary\n---\nText\n",
    ],
    [
      "a list on one line",
      "---\nfallback_models: [c/d]\ncategory: deep\nmode: all\n---\n",
      "---\nmode: all\n---\n",
    ],
    [
      "a list with what stands between its lines, and nothing of what stands behind it",
      "---\nfallback_models:\n# cheap\n  - c/d\n\n-\n  model: e/f\n# - g/h\n\n# mine\nmode: all\n---\n",
      "---\n# - g/h\n\n# mine\nmode: all\n---\n",
    ],
    [
      "a list over several lines in brackets",
      "---\r\nfallback_models: [\r\n  c/d,\r\n]\r\ncategory: deep\r\nmode: all\r\n---\r\n",
      "---\r\nmode: all\r\n---\r\n",
    ],
    [
      "nothing of the text",
      "---\nmode: all\n---\nfallback_models: x\n",
      "---\nmode: all\n---\nfallback_models: x\n",
    ],
    ["nothing where there is no front matter", "category: x\n", "category: x\n"],
    ["nothing where it does not end", "---\ncategory: x\n", "---\ncategory: x\n"],
  ])("takes %s", (_, before, after) => {
    expect(withoutFrontMatterKeys(before)).toBe(after)
  })
})

test("remove takes out the plugin, the panel and the agents' keys, and says what is left", async () => {
  const agent =
    "---\ndescription: reviews\nmode: subagent\nfallback_models:\n  - beta/two\n---\nYou review.\n"
  const files = {
    "opencode.jsonc":
      '{\n  // mine\n  "plugin": ["other", "opencode-understudy@0.1.0"],\n  "agent": { "build": { "model": "alpha/one", "fallback_models": ["beta/two"] } }\n}\n',
    "tui.json": '{\n  "theme": "nord",\n  "plugin": ["opencode-understudy@0.1.0"]\n}\n',
    "agent/reviewer.md": agent,
    "understudy.jsonc": '{ "fallback_models": ["beta/two"] }\n',
  }
  let time = 0
  await using home = await scratch(files, { now: () => (time += 1_000) })
  const { exitCode, said } = await home.run("remove", "--yes")
  expect(exitCode).toBe(0)
  expect(await home.text("opencode.jsonc")).toBe(
    '{\n  // mine\n  "plugin": ["other"],\n  "agent": { "build": { "model": "alpha/one" } }\n}\n',
  )
  expect(await home.text("tui.json")).toBe('{\n  "theme": "nord"\n}\n')
  expect(await home.text("agent/reviewer.md")).toBe(agent.replace("fallback_models:\n  - beta/two\n", ""))
  expect(said).toContain(home.path("understudy.jsonc"))
  expect(said).toContain(home.path("~/.local/state/opencode-understudy"))
  expect((await home.run("remove", "--yes")).said).toContain("Nothing to remove")
  await home.run("init", "--undo", "--yes")
  for (const [name, text] of Object.entries(files)) expect(await home.text(name)).toBe(text)
})
