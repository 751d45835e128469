import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readAgentSettings } from "../../../../../src/opencode/v2/host/read-agent-settings.ts"
import { placesIn } from "../../../config/places-in.ts"

let root = ""
const user = { env: { BACKUP: "e/1", STEPS: "9" }, home: "/nowhere", directory: "/nowhere" }
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "understudy-agents-"))
  const files: Readonly<Record<string, string>> = {
    // The shape of version 1, that of version 2, and comments.
    "config/opencode.json": JSON.stringify({
      agent: { build: { fallback_models: ["a/1"] }, plan: { fallback_models: ["a/2"], category: "deep" } },
    }),
    "config/opencode.jsonc":
      '{ "agents": { "build": { "steps": {env:STEPS}, "fallback_models": ["b/1", "{env:BACKUP}"] } } } // later',
    "named.json": JSON.stringify({
      agent: {
        build: { fallback_models: "n/1" },
        plan: { fallback_models: "n/2" },
        named: { category: "n" },
      },
    }),
    "project/opencode.json": JSON.stringify({ agent: { plan: { fallback_models: "c/1" } } }),
    "config/agent/review/security.md":
      "---\nmode: subagent\nfallback_models:\n  - d/1\n  - d/2\n---\nPrompt with fallback_models: [x/1]\n",
    "project/.opencode/agents/writer.md": "\uFEFF---\r\ncategory: quick\r\n---\r\nPrompt",
    "config/agent/broken.md": "---\nfallback_models: [d/1\n---\n",
    "config/agent/none.md": "no front matter\n---\nfallback_models: d/1\n---\n",
  }
  await Promise.all(Object.entries(files).map(([path, text]) => Bun.write(join(root, path), text)))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test("our keys on agents, from the files of both versions of OpenCode and from Markdown; the nearest wins", async () => {
  const places = placesIn([join(root, "config")], [join(root, "project")])
  expect(await readAgentSettings(places, user)).toEqual({
    build: { fallback_models: ["b/1", "e/1"] },
    plan: { fallback_models: "c/1", category: "deep" },
    "review/security": { fallback_models: ["d/1", "d/2"] },
    writer: { category: "quick" },
  })
})

test("a project's files outrank the user's Markdown, and are outranked by that of its own .opencode", async () => {
  await using folder = await scratchFolder({
    "config/agents/one.md": inMarkdown("user/1"),
    "config/agents/two.md": inMarkdown("user/2"),
    "config/agents/three.md": inMarkdown("user/3"),
    "project/opencode.json": JSON.stringify({ agents: { one: { fallback_models: "root/1" } } }),
    "project/.opencode/opencode.json": JSON.stringify({
      agent: { two: { fallback_models: "own/2" }, three: { fallback_models: "own/3" } },
    }),
    "project/.opencode/agent/three.md": inMarkdown("markdown/3"),
  })
  const places = placesIn([folder.path("config")], [folder.path("project")])
  expect(await readAgentSettings(places, user)).toEqual({
    one: { fallback_models: "root/1" },
    two: { fallback_models: "own/2" },
    three: { fallback_models: ["markdown/3"] },
  })
})

test("a colon in an agent's description, which makes its front matter no YAML, hides no list of it", async () => {
  const told = "Use this agent when: the user asks"
  await using folder = await scratchFolder({
    "config/agents/one.md": `---\r\ndescription: ${told}\r\nfallback_models:\r\n  - a/1\r\n---\r\n`,
    "config/agents/two.md": `---\ndescription: ${told}\nfallback_models: [a/b:free, "a/2"]\n---\n`,
    "config/agents/none.md": `---\ndescription: ${told}\nfallback_models: [a/3\n---\n`,
  })
  expect(await readAgentSettings(placesIn([folder.path("config")], []), user)).toEqual({
    one: { fallback_models: ["a/1"] },
    two: { fallback_models: ["a/b:free", "a/2"] },
  })
})

test.skipIf(process.platform === "win32")(
  "symbolic links in a folder of agents are followed, one that leads back to it or nowhere costs no agent",
  async () => {
    await using folder = await scratchFolder({
      "config/agents/one.md": inMarkdown("a/1"),
      "config/agents/deep/two.md": inMarkdown("a/2"),
      "elsewhere/three.md": inMarkdown("a/3"),
    })
    const links = { loop: ".", "deep/up": "..", linked: "../../elsewhere", nowhere: "/no/such/folder" }
    for (const [name, target] of Object.entries(links))
      await symlink(target, folder.path(`config/agents/${name}`))
    const read = await readAgentSettings(placesIn([folder.path("config")], []), user)
    expect(Object.keys(read).toSorted()).toEqual(["deep/two", "linked/three", "one"])
  },
)

const inMarkdown = (model: string): string => `---\nfallback_models: [${model}]\n---\n`

async function scratchFolder(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "understudy-ranked-"))
  for (const [path, text] of Object.entries(files)) await Bun.write(join(folder, path), text)
  return {
    path: (name: string): string => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

test("what the environment names and holds has the place that OpenCode gives it", async () => {
  const folders = [[join(root, "config")], [join(root, "project")]] as const
  const places = placesIn(...folders, [join(root, "named.json")])
  const content = '{ "agent": { "writer": { "category": "deep" }, "held": { "fallback_models": "e/1" } } }'
  expect(await readAgentSettings({ ...places, content }, user)).toEqual({
    build: { fallback_models: "n/1" },
    plan: { fallback_models: "c/1", category: "deep" },
    "review/security": { fallback_models: ["d/1", "d/2"] },
    named: { category: "n" },
    writer: { category: "deep" },
    held: { fallback_models: "e/1" },
  })
  const missing = { ...placesIn(...folders, [join(root, "no-such-file")]), content: "{" }
  expect(Object.keys(await readAgentSettings(missing, user))).not.toContain("held")
})
