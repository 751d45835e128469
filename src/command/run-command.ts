import { type CircuitKey, circuitState, circuitSubject, heldCircuit, modelCircuit } from "../core/circuit.ts"
import { explainKind } from "../core/classify/explain-kind.ts"
import { describeDuration } from "../core/describe-duration.ts"
import { describeSkip } from "../core/describe-skip.ts"
import { type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import { circuitReason } from "../core/select.ts"
import { describeKeys } from "../core/keys/describe-key.ts"
import { describeWindows } from "../core/limits/describe-windows.ts"
import { accountName } from "../core/limits/account.ts"
import type { Failover } from "../failover/failover.ts"
import { describeOrigin } from "../core/describe-origin.ts"
import type { JournalEntry, Store } from "../store/store.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { UnderstudyCommand } from "./parse-command.ts"

export type CommandDeps = {
  readonly sessions: Sessions
  readonly store: Store
  readonly failover: Pick<Failover, "chain">
  readonly enabled: boolean
  /** How many keys a provider has, where there is more than one. */
  readonly keyCounts: ReadonlyMap<string, number>
  readonly now: () => number
}

const usage = [
  "`/understudy status` – this session's models, cooldowns, last switches",
  "`/understudy off` / `on` – no switching in this session / switching again",
  "`/understudy chain MODEL, MODEL` – a list for this session; `chain` alone goes back to the settings",
  "`/understudy hold MODEL` – keep a model out of use until it is reset",
  "`/understudy reset [MODEL]` – end cooldowns and holds",
].join("\n")

const shownSwitches = 5

/** Carries out a command and gives the answer for people, as Markdown. */
export function runCommand(deps: CommandDeps, sessionID: string, command: UnderstudyCommand): string {
  const { sessions, store, now } = deps
  switch (command.do) {
    case "status":
      return status(deps, sessionID)
    case "off":
      sessions.patch(sessionID, { off: true })
      return "Understudy is off in this session: failures are left to OpenCode. `/understudy on` switches it on again."
    case "on":
      sessions.patch(sessionID, { off: false })
      return deps.enabled
        ? "Understudy is on in this session."
        : "Understudy is switched off in the settings (`runtime_fallback.enabled`), so it stays off here."
    case "hold": {
      const key = modelCircuit(command.model)
      store.updateCircuit(key, () => heldCircuit(key, now()))
      return `${command.model} is held out of use, in all sessions. \`/understudy reset ${command.model}\` ends that.`
    }
    case "reset":
      return reset(deps, sessionID, command.model)
    case "chain":
      sessions.setChain(sessionID, command.models)
      return command.models.length === 0
        ? "This session follows the settings again."
        : `This session's fallback models: ${command.models.join(", then ")}.`
    case "help":
      return usage
    case "misunderstood":
      return `${command.why}\n\n${usage}`
  }
}

function reset(deps: CommandDeps, sessionID: string, model: ModelKey | undefined): string {
  const { store, sessions } = deps
  const keys = store
    .circuits()
    .map((record) => record.key)
    .filter((key) => model === undefined || concerns(key, model))
  for (const key of keys) store.updateCircuit(key, () => undefined)
  if (model === undefined) {
    sessions.setChain(sessionID, [])
    sessions.patch(sessionID, { off: false })
    return `Reset: ${keys.length} ${keys.length === 1 ? "cooldown" : "cooldowns"} ended, and this session follows the settings again.`
  }
  return keys.length === 0 ? `${model} was not cooling down.` : `${model} may be used again.`
}

function concerns(key: CircuitKey, model: ModelKey): boolean {
  const subject = circuitSubject(key)
  if (subject === undefined) return false
  return "model" in subject ? sameModel(subject.model, model) : subject.providerID === providerOf(model)
}

function status(deps: CommandDeps, sessionID: string): string {
  const { sessions, store, failover, now } = deps
  const { turn, off } = sessions.get(sessionID)
  const record = store.session(sessionID)
  const own = turn?.own.model ?? record?.own
  const inUse = record?.inUse ?? turn?.inUse.model ?? own
  const lines: string[] = []
  if (!deps.enabled) lines.push("Understudy is **off** in the settings (`runtime_fallback.enabled`).")
  else if (off) lines.push("Understudy is **off** in this session.")
  if (own === undefined || inUse === undefined) lines.push("This session has not asked a model yet.")
  else {
    lines.push(`Your model: **${own}**${standing(deps, own)}`)
    if (!sameModel(own, inUse)) {
      const why = record?.reason === undefined ? "" : ` (${explainKind(record.reason)})`
      lines.push(`In use: **${inUse}**, in its place${why}`)
    }
  }
  if (turn) {
    const chain = failover.chain(turn)
    const entries = chain.entries.map((entry) => `- ${entry.model}${standing(deps, entry.model)}`)
    lines.push(
      entries.length === 0
        ? "Fallback models: none are set for it."
        : `Fallback models (${describeOrigin(chain.origin)}):\n${entries.join("\n")}`,
    )
  }
  const cooling = store.circuits().flatMap((circuit) => {
    const state = circuitState(circuit, now())
    if (state.state !== "open") return []
    const until = state.held
      ? "held by hand"
      : `${explainKind(state.kind)}, ${describeDuration(state.until - now())} left`
    const subject = circuitSubject(circuit.key)
    if (subject === undefined || "fingerprint" in subject) return []
    return [`- ${"model" in subject ? subject.model : `all of ${subject.providerID}`}: ${until}`]
  })
  lines.push(cooling.length === 0 ? "Nothing is cooling down." : `Cooling down:\n${cooling.join("\n")}`)
  const keys = [...deps.keyCounts].map(
    ([provider, count]) =>
      `- ${provider}: ${describeKeys(provider, count, store.circuits(), now()).join("; ")}`,
  )
  if (keys.length > 0) lines.push(`Keys:\n${keys.join("\n")}`)
  const limits = store.limits().flatMap((account) => {
    const windows = describeWindows(account.windows, now())
    return windows === "" ? [] : [`- ${accountName(account)}: ${windows}`]
  })
  if (limits.length > 0) lines.push(`Limits, as the providers say:\n${limits.join("\n")}`)
  const switches = store.journal({ limit: shownSwitches, sessionID })
  if (switches.length > 0)
    lines.push(
      `Last switches here:\n${switches.map((entry) => `- ${describeEntry(entry, now())}`).join("\n")}`,
    )
  return lines.join("\n\n")
}

function standing(deps: CommandDeps, model: ModelKey): string {
  const circuit = (key: CircuitKey) => deps.store.circuit(key)
  const reason = circuitReason({ circuit, now: deps.now() }, model)
  return reason ? ` – ${describeSkip(reason, deps.now())}` : ""
}

/** One line of the journal for people. */
export function describeEntry(entry: JournalEntry, now: number): string {
  const ago = `${describeDuration(now - entry.at)} ago`
  const why = entry.kind === undefined ? "" : `: ${explainKind(entry.kind)}`
  switch (entry.event) {
    case "switched":
      return `${ago}, ${entry.from} to ${entry.to ?? "nobody"}${why}`
    case "returned":
      return `${ago}, back to ${entry.to ?? entry.from}`
    case "exhausted":
    case "failed":
      return `${ago}, nobody left after ${entry.from}${why}`
  }
}
