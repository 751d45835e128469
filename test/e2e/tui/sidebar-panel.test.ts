import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { buildTui } from "../../../script/build-tui.ts"
import { heldCircuit } from "../../../src/core/circuit.ts"
import { createSqliteStore } from "../../../src/store/sqlite-store.ts"
import type { Store } from "../../../src/store/store.ts"
import { record, records } from "../../simulator/protocol/json.ts"
import { status } from "../../simulator/index.ts"
import { hasTmux, startTui } from "../harness/index.ts"
import type { Tui, TuiOptions } from "../harness/index.ts"

const LIMIT_MS = 120_000
const COLUMNS = 160
const SIDEBAR_COLUMNS = 42

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "understudy-panel-"))
  await buildTui(folder)
}, LIMIT_MS)
afterAll(() => rm(folder, { recursive: true, force: true }))

const withPanel = (options: TuiOptions = {}): Promise<Tui> =>
  startTui({
    columns: COLUMNS,
    ...options,
    understudy: { fallback_models: ["beta/two", "gamma/three"], ...Object(options.understudy) },
    configFiles: { "tui.json": JSON.stringify({ plugin: [pathToFileURL(join(folder, "tui.js")).href] }) },
  })

/** A toast lies to the left of the sidebar and bears our name, too. */
const sidebarOf = (screen: string): string =>
  screen
    .split("\n")
    .map((line) => line.slice(COLUMNS - SIDEBAR_COLUMNS).trim())
    .filter((line) => line !== "")
    .join("\n")

/** The sidebar of the first screen that matches. */
async function sidebar(tui: Tui, pattern: RegExp, timeoutMs = 60_000): Promise<string> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const shown = sidebarOf(await tui.screen())
    if (pattern.test(shown)) return shown
    if (performance.now() > deadlineMs)
      throw new Error(`${String(pattern)} never showed in the sidebar:\n${shown}\n${await tui.logs()}`)
    await Bun.sleep(50)
  }
}

/** The provider's usual text names a time of its own, which would outlast this one. */
const limited = (seconds: number) =>
  status(429, { headers: { "retry-after": String(seconds) }, message: "Too many requests" })
const secondsLeft = (shown: string): number => Number(/yours, (\d+) s/.exec(shown)?.[1])

/** Not the very next second: a busy machine may skip one. */
const fewerThan = (seconds: number): RegExp =>
  new RegExp(`yours, (?:${Array.from({ length: seconds - 1 }, (_, index) => index + 1).join("|")}) s`)

async function sharedStore(tui: Tui): Promise<{ readonly store: Store; readonly sessionID: string }> {
  const path = join(tui.home.path, "state/opencode-understudy/health.sqlite")
  const store = createSqliteStore({ path, now: Date.now, log: (_level, message) => console.error(message) })
  return { store, sessionID: String(record(records(await tui.api.get("/session"))[0])["id"]) }
}

/** The panel looks at the store when something happens in OpenCode. */
const stir = (tui: Tui): Promise<unknown> =>
  tui.api.post("/tui/show-toast", { message: "stir", variant: "info", duration: 200 })

describe.if(hasTmux)("the sidebar panel", () => {
  test(
    "is absent when all is well, counts a cooldown down beside the toast, and tells of the return",
    async () => {
      await using tui = await withPanel()
      await tui.prompt("first prompt")
      await tui.waitForScreen(/▣ +Build · alpha\/one · /)
      expect(sidebarOf(await tui.screen())).not.toMatch(/Understudy|alpha/)

      tui.simulator.script("alpha/one", [limited(15)])
      await tui.prompt("second prompt")
      await tui.waitForScreen(/beta\/two says hello/)
      await tui.waitForScreen(/Understudy: beta\/two[^]*alpha\/one: rate limit reached\./)
      const cooling = await sidebar(tui, /Understudy\n◐ one +yours, \d+ s\n● two +in use\n/)
      expect(cooling).toMatch(/\n\d\d:\d\d switched: rate limit reached\n/)
      const before = secondsLeft(cooling)
      expect(before).toBeGreaterThan(2)
      // Twice, because once could be a redraw for another reason.
      const later = secondsLeft(await sidebar(tui, fewerThan(before)))
      await sidebar(tui, fewerThan(later))

      await sidebar(tui, /◐ one +yours, ready\n/, 40_000)
      await tui.prompt("third prompt")
      const back = await sidebar(tui, /● one +in use\n[^]*\d\d:\d\d back to yours\n/)
      expect(back).toMatch(/● two\n/)
      expect(back).not.toMatch(/yours,|ready/)
    },
    LIMIT_MS,
  )

  test(
    "shows what other processes left in the store: chain, holds, tripped providers, models never asked",
    async () => {
      await using tui = await withPanel()
      await tui.prompt("first prompt")
      await tui.waitForScreen(/▣ +Build · alpha\/one · /)
      const { store, sessionID } = await sharedStore(tui)
      const now = Date.now()
      store.saveSession({
        sessionID,
        own: "alpha/one",
        inUse: "google/gemini-3-pro",
        reason: "billing",
        chain: ["openrouter/meta-llama/llama-4-maverick:free", "google/gemini-3-pro", "ollama/qwen3:32b"],
        updatedAt: now,
      })
      store.updateCircuit("provider:alpha", () => ({
        key: "provider:alpha",
        failures: 1,
        kind: "billing",
        failedAt: now,
        until: now + 3_899_000,
      }))
      const held = "model:openrouter/meta-llama/llama-4-maverick:free"
      store.updateCircuit(held, () => heldCircuit(held, now))
      store.appendJournal({ at: now, sessionID, event: "switched", from: "alpha/one", kind: "billing" })
      await store.close()
      await stir(tui)
      // The panel may have looked while the store was being written, and the terminal draws it line by line.
      const shown = await sidebar(tui, /held\n[^]*switched: out of credit\n[^]*LSP/)
      expect(shown).toMatch(/\n✕ one +yours, top up\n/)
      // Where OpenCode has no name for a model, its id stands without the provider.
      expect(shown).toMatch(/\n✕ meta-llama\/ll\.\.\.-maverick:free +held\n/)
      expect(shown).toMatch(/\n● gemini-3-pro +in use\n○ qwen3:32b\n\d\d:\d\d switched: out of credit\n/)
      // It stands between OpenCode's own blocks, with one empty line around it.
      expect(shown.replaceAll("\n", " ")).toMatch(/Context .* spent Understudy .* LSP/)
    },
    LIMIT_MS,
  )

  test(
    "stays away where health is not shared with it",
    async () => {
      await using tui = await withPanel({ understudy: { runtime_fallback: { store: "memory" } } })
      tui.simulator.script("alpha/one", [limited(60)])
      await tui.prompt("first prompt")
      await tui.waitForScreen(/beta\/two says hello/)
      await tui.waitForScreen(/▣ +Build · beta\/two · /)
      expect(sidebarOf(await tui.screen())).not.toMatch(/Understudy|alpha/)
      expect(await tui.logs()).not.toMatch(/panel:/)
    },
    LIMIT_MS,
  )
})
