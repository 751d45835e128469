import { expect } from "bun:test"
import { join } from "node:path"
import { eventually } from "../../eventually.ts"
import { type ProtocolName, status, text } from "../../simulator/index.ts"
import type { AnyHost } from "../harness/index.ts"
import { FAMILY } from "../harness/providers.ts"
import { endRest } from "../harness/shared-store.ts"
import { inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

/** Of a model of this protocol the user's command hangs and floods. */
const flooding: readonly ProtocolName[] = ["gemini", "chat"]

/** Keeps what it is told. */
const onSwitch = `event=$(cat); printf '%s\\n' "$event" >> "$HOME/events"
case "$event" in *'"from":"${FAMILY.gemini}'*) echo $$ > "$HOME/group"; yes; sleep 1000 ;; esac`

/** What the user's command was told of this model, once there are so many events. */
async function toldEvents(
  { home }: AnyHost,
  about: string,
  count: number,
): Promise<readonly Record<string, unknown>[]> {
  for (;;) {
    const file = Bun.file(join(home.path, "events"))
    const lines = (await file.exists()) ? (await file.text()).trim().split("\n").filter(Boolean) : []
    const found = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ from, to }) => from === about || to === about)
    if (found.length >= count) return found
    await Bun.sleep(20)
  }
}

const options = {
  files: { ".opencode/understudy.jsonc": '{ "on_switch": ["/bin/sh", "-c", "touch $HOME/was-run"] }' },
  understudy: { runtime_fallback: { cooldown_seconds: 600 }, on_switch: ["/bin/sh", "-c", onSwitch] },
} as const

inFlightOnBothHosts("on_switch", options, (scenario) => {
  scenario("the user's command is told of a switch and of the return", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503), text("well again")])
    const session = await host.session()
    await session.prompt("my secret words", { agent })
    const [switched] = await toldEvents(host, primary, 1)
    expect(switched).toEqual({
      event: "switched",
      at: expect.stringMatching(/^2\d{3}-/),
      sessionID: session.id,
      kind: "overloaded",
      message: `${primary}: model is overloaded. Continuing with ${fallback}.`,
      from: primary,
      to: fallback,
      durationMs: expect.any(Number),
      detail: null,
    })
    await endRest(host, primary)
    await session.prompt("again", { agent })
    const all = await toldEvents(host, primary, 2)
    expect(all.map(({ event }) => event)).toEqual(["switched", "returned"])
    expect(JSON.stringify(all)).not.toContain("secret")
  })

  scenario("and of a chain in which nobody is left", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    for (const model of [primary, fallback]) host.simulator.always(model, status(401))
    await (await host.session()).prompt("hi", { agent })
    const told = await toldEvents(host, primary, 1)
    expect(told.at(-1)).toMatchObject({ event: "exhausted", kind: "auth", to: null })
  })

  scenario("one that hangs and floods delays no turn, and a project's is not run", async (host) => {
    const { agent, primary, fallback } = host.chain(...flooding)
    host.simulator.script(primary, [status(503)])
    expect((await (await host.session()).prompt("hi", { agent })).model).toBe(fallback)
    // It outlives OpenCode, and would keep a processor busy for the rest of the suite.
    const started = Bun.file(join(host.home.path, "group"))
    await eventually(async () => (await started.exists()) && (await started.text()).endsWith("\n"))
    process.kill(-Number(await started.text()), "SIGKILL")
    expect(await Bun.file(join(host.home.path, "was-run")).exists()).toBe(false)
  })
})
