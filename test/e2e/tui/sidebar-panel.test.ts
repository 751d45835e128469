import { describe, expect, test } from "bun:test"
import { heldCircuit } from "../../../src/core/circuit.ts"
import { status } from "../../simulator/index.ts"
import { records } from "../../simulator/protocol/json.ts"
import { hasTmux, startTui, type Tui } from "../harness/index.ts"
import { endRest, inSharedStore } from "../harness/shared-store.ts"
import { sidebarOf, withPanel } from "../harness/sidebar.ts"

const LIMIT_MS = 240_000

/** The sidebar of the first screen that matches. */
async function sidebar(tui: Tui, pattern: RegExp): Promise<string> {
  const deadlineMs = performance.now() + 60_000
  for (;;) {
    const shown = sidebarOf(await tui.screen())
    if (pattern.test(shown)) return shown
    if (performance.now() > deadlineMs)
      throw new Error(`${String(pattern)} never showed in the sidebar:\n${shown}\n${await tui.logs()}`)
    await Bun.sleep(150)
  }
}

/** The provider's usual text names a time of its own, which would outlast this one. */
const limited = (seconds: number) =>
  status(429, { headers: { "retry-after": String(seconds) }, message: "Too many requests" })
const secondsLeft = (shown: string): number => Number(/yours, (\d+) s/.exec(shown)?.[1])

/** Not the very next second: a busy machine may skip one. */
const fewerThan = (seconds: number): RegExp =>
  new RegExp(`yours, (?:${Array.from({ length: seconds - 1 }, (_, index) => index + 1).join("|")}) s`)

const sessions = async (tui: Tui): Promise<readonly string[]> =>
  records(await tui.api.get("/session")).map(({ id }) => String(id))

/** The panel looks at the store when something happens in OpenCode. */
const stir = (tui: Tui): Promise<unknown> =>
  tui.api.post("/tui/show-toast", { message: "stir", variant: "info", duration: 200 })

describe.if(hasTmux)("the sidebar panel", () => {
  test(
    "is absent when all is well, counts a cooldown down beside the toast, tells of the return, and shows what other processes left in the store: chain, holds, tripped providers, models never asked",
    async () => {
      await using tui = await startTui({
        understudy: { fallback_models: ["beta/two", "gamma/three"] },
        configFiles: withPanel,
      })
      await tui.prompt("first prompt")
      await tui.waitForScreen(/▣ +Build · alpha\/one · /)
      expect(sidebarOf(await tui.screen())).not.toMatch(/Understudy|alpha/)

      tui.simulator.script("alpha/one", [limited(59)])
      await tui.prompt("second prompt")
      // The toast goes away by itself: it is not waited for after the answer.
      await Promise.all([
        tui.waitForScreen(/beta\/two says hello/),
        tui.waitForScreen(/Understudy: beta\/two[^]*alpha\/one: rate limit reached\./),
      ])
      const cooling = await sidebar(
        tui,
        /Understudy\n◐ one +yours, \d+ s\n● two +in use\n[^]*\d\d:\d\d switched: rate limit reached\n/,
      )
      const before = secondsLeft(cooling)
      expect(before).toBeGreaterThan(2)
      // Twice, because once could be a redraw for another reason.
      const later = secondsLeft(await sidebar(tui, fewerThan(before)))
      await sidebar(tui, fewerThan(later))

      await endRest(tui, "alpha/one")
      await sidebar(tui, /◐ one +yours, ready\n/)
      await tui.prompt("third prompt")
      const back = await sidebar(tui, /● one +in use\n[^]*● two\n[^]*\d\d:\d\d back to yours\n/)
      expect(back).not.toMatch(/yours,|ready/)

      const [first] = await sessions(tui)
      await tui.press("C-x", "n")
      await tui.waitForScreen(/Ask anything/)
      await tui.prompt("another session")
      await tui.waitForScreen(/another session[^]*▣ +Build · alpha\/one · /)
      const sessionID = (await sessions(tui)).find((id) => id !== first) ?? ""
      const held = "model:openrouter/meta-llama/llama-4-maverick:free"
      const now = Date.now()
      await inSharedStore(tui, (store) => {
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
        store.updateCircuit(held, () => heldCircuit(held, now))
        store.appendJournal({ at: now, sessionID, event: "switched", from: "alpha/one", kind: "billing" })
      })
      await stir(tui)
      // Where OpenCode has no name for a model, its id stands without the provider.
      const models =
        /✕ one +yours, top up\n✕ meta-llama\/ll\.\.\.-maverick:free +held\n● gemini-3-pro +in use\n○ qwen3:32b\n/
      // It stands between OpenCode's own blocks. One pattern for all: of a screen that is half drawn a part matches, too.
      const panel = `Context\\n[^]* spent\\nUnderstudy\\n${models.source}\\d\\d:\\d\\d switched: out of credit\\nLSP`
      await sidebar(tui, new RegExp(panel))
    },
    LIMIT_MS,
  )
})
