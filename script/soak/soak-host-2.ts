import { sessionOf } from "../../test/e2e/harness/event-log.ts"
import type { HostOptions } from "../../test/e2e/harness/host-options.ts"
import { type Host2, startHost2 } from "../../test/e2e/harness/opencode2/host.ts"
import type { Session2 } from "../../test/e2e/harness/opencode2/session.ts"
import { tracesIn } from "../../test/e2e/harness/traces.ts"
import {
  type Look,
  type Rest,
  type SoakHost,
  type SoakSession,
  stillness,
  until,
  whenGivenBack,
} from "./soak-host.ts"
import type { SoakChain } from "./soak-world.ts"

const quietMs = 300

export async function startSoakHost2(options: HostOptions): Promise<SoakHost> {
  return soakHost(await startHost2(options))
}

function soakHost(host: Host2): SoakHost {
  return {
    tools: host.tools,
    project: host.home.project,
    newSession: async () => new SoakSession2(host, await host.session()),
    openSession: (id) => new SoakSession2(host, host.openSession(id)),
    killAndRestart: async () => soakHost(await host.killAndRestart()),
    logs: () => host.logs(),
    unanswered: () => host.api.unanswered(),
    // OpenCode 2 has no such command.
    exported: () => Promise.resolve(""),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}

class SoakSession2 implements SoakSession {
  readonly id: string
  readonly #host: Host2
  readonly #session: Session2

  constructor(host: Host2, session: Session2) {
    this.id = session.id
    this.#host = host
    this.#session = session
  }

  prompt(text: string, { agent }: SoakChain): Promise<void> {
    return this.#session.promptAsync(text, { agent })
  }

  async rest(limitMs: number): Promise<Rest> {
    const endMs = performance.now() + limitMs
    const still = stillness(this.#host.events)
    const waited = await Promise.race([
      this.#session.wait().then(() => true),
      Bun.sleep(limitMs).then(() => false),
    ])
    const isQuiet = (): boolean => still([this.id]) > quietMs
    if (waited && (await until(Math.max(1_000, endMs - performance.now()), isQuiet))) return { is: "at rest" }
    const family = [this.id, ...(await this.#session.children()).map(({ id }) => id)]
    const states = family.map((id) => this.#state(id))
    if (states.includes("session.retry.scheduled")) return { is: "waiting" }
    return { is: "working", stillForMs: still(family), state: states.join(", ") }
  }

  async escape(): Promise<boolean> {
    await this.#session.abort()
    return true
  }

  async delete(): Promise<void> {
    await this.#host.api.request("DELETE", `/api/session/${this.id}`)
  }

  async compact(): Promise<void> {
    await this.#session.compact()
  }

  async look(chain: SoakChain): Promise<Look> {
    const standsOn = await whenGivenBack(
      () => this.#session.model(),
      (model) => model === chain.primary,
    )
    const children = await this.#session.children()
    const family = [this.#session, ...children]
    const rows = await Promise.all(family.map((session) => session.messages()))
    const histories = await Promise.all(family.map((session) => session.history()))
    const own = histories[0] ?? []
    const answer = own.findLast(({ role }) => role === "assistant")
    const hasFailed = this.#session.outcomes().at(-1) === "failed"
    return {
      text: answer?.text ?? "",
      error: answer?.error ?? (hasFailed ? "the turn has failed without an error" : undefined),
      users: own
        .filter(({ role }) => role === "user")
        .map(({ text }) => ({ text, model: undefined, isCompaction: false })),
      standsOn,
      tools: histories.flat().flatMap(({ tools }) => tools),
      traces: tracesIn(rows),
      sessionErrors: [],
    }
  }

  #state(id: string): string {
    return this.#host.events.all.findLast((event) => sessionOf(event) === id)?.type ?? "nothing"
  }
}
