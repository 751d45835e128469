import {
  backAt,
  type CircuitKey,
  type CircuitRecord,
  circuitState,
  circuitSubject,
  modelHealth,
} from "../core/circuit.ts"
import { explainKind, explainSwitch } from "../core/classify/explain-kind.ts"
import { describeDuration } from "../core/describe-duration.ts"
import { describeTime } from "../core/describe-moment.ts"
import { accountName, providerOfAccount } from "../core/limits/account.ts"
import { currentWindows, describeWindow } from "../core/limits/limit-window.ts"
import { type ModelKey, modelRef, providerOf, sameModel } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { SessionFacts } from "../notify/sidebar-facts.ts"
import type { JournalEntry } from "../store/store.ts"

export type PanelFacts = SessionFacts & {
  /** A model as OpenCode calls it: "Claude Opus 4.5". */
  readonly nameOf: (model: ModelKey) => string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Names a colour of the user's theme. */
export type Tone = "text" | "textMuted" | "success" | "warning" | "error"

export type PanelLine =
  | {
      readonly line: "model"
      readonly mark: string
      readonly tone: Tone
      readonly name: string
      readonly nameTone: Tone
      /** Stands at the right edge; may be empty. */
      readonly note: string
    }
  | { readonly line: "text"; readonly text: string }

export type Panel = {
  /** Without the heading; empty when there is nothing to say. */
  readonly lines: readonly PanelLine[]
  /** Whether the panel changes with the clock alone. */
  readonly countsDown: boolean
}

export const noPanel: Panel = { lines: [], countsDown: false }

/** With the heading that makes eight lines. */
const mostLines = 7
/** When all is well again, a session's last event is worth the space for this long, milliseconds. */
const memoryMs = 3_600_000

type Row = { readonly model: ModelKey; readonly standing: Standing }

/**
 * The panel of one session: its own model first, then its fallback models in order, then what happened last.
 * It is empty as long as the session's models are well and nothing has happened to it lately.
 */
export function panelModel(facts: PanelFacts): Panel {
  const { own, now } = facts
  if (own === undefined) return noPanel
  const inUse = facts.inUse ?? own
  const models = modelsOf(own, inUse, facts.chain)
  // What happened under a model that the user has since left for another is no longer of interest.
  const journal = facts.journal.filter(({ from, to }) => isAmong(models, from) || isAmong(models, to))
  const tried = [own, inUse, ...journal.flatMap(({ from, to }) => [from, to])]
  const circuits = new Map(facts.circuits.map((record) => [record.key, record]))
  const circuit = (key: CircuitKey) => circuits.get(key)
  const rows = models.map((model) => ({
    model,
    standing: standingOf(model, circuit, isAmong(tried, model), now),
  }))
  const providers = [own, inUse].map(providerOf)
  const keys = keyLines(providers, facts)
  const limits = [...keys, ...limitLines(providers, facts)]
  const isQuiet = limits.length === 0 && !rows.some(({ standing }) => standing.isTroubled)
  const [last] = journal
  const isRecent = last !== undefined && now - last.at < memoryMs
  if (isQuiet && !isRecent && sameModel(own, inUse)) return noPanel
  const events = eventLines(journal, now)
  const shown = rowsThatFit(rows, inUse, mostLines - events.length - limits.length)
  const lines: readonly PanelLine[] = [
    ...shown.map((row) => modelLine(row, own, inUse, nameAmong(models, row.model, facts.nameOf))),
    ...(shown.length < rows.length ? [textLine(`and ${rows.length - shown.length} more`)] : []),
    ...limits,
    ...events,
  ]
  return { lines, countsDown: keys.length > 0 || rows.some(({ standing }) => standing.countsDown) }
}

function modelsOf(own: ModelKey, inUse: ModelKey, chain: readonly ModelKey[]): readonly ModelKey[] {
  const models: ModelKey[] = [own]
  for (const model of [...chain, inUse]) if (!isAmong(models, model)) models.push(model)
  return models
}

function isAmong(models: readonly (ModelKey | undefined)[], model: ModelKey | undefined): boolean {
  return model !== undefined && models.some((known) => known !== undefined && sameModel(known, model))
}

/** The own model and the one in use always stand there; of the others the first ones do. */
function rowsThatFit(rows: readonly Row[], inUse: ModelKey, space: number): readonly Row[] {
  if (rows.length <= space) return rows
  const inUseAt = rows.findIndex(({ model }) => sameModel(model, inUse))
  // One line goes to "and N more".
  const room = space - 1
  return rows.filter((_, index) => index === inUseAt || index < (inUseAt < room ? room : room - 1))
}

/** The id of a model without a name may be that of another provider's model as well. */
function nameAmong(models: readonly ModelKey[], model: ModelKey, nameOf: PanelFacts["nameOf"]): string {
  const name = nameOf(model)
  const provider = providerOf(model)
  const isShared = models.some((other) => providerOf(other) !== provider && nameOf(other) === name)
  return isShared ? `${name} (${provider})` : name
}

function modelLine(
  { model, standing: { mark, tone, note } }: Row,
  own: ModelKey,
  inUse: ModelKey,
  name: string,
): PanelLine {
  const isInUse = sameModel(model, inUse)
  const whose = isInUse && note === "" ? "in use" : !isInUse && sameModel(model, own) ? "yours" : ""
  return {
    line: "model",
    mark,
    tone,
    name,
    nameTone: isInUse ? "text" : "textMuted",
    note: [whose, note].filter(Boolean).join(", "),
  }
}

/** How a model is doing. */
type Standing = {
  readonly mark: string
  readonly tone: Tone
  /** Empty for one that is well, or has not been asked here. */
  readonly note: string
  /** A cooldown that is over is no trouble: it stays on record until somebody asks the model again. */
  readonly isTroubled?: true
  /** Whether its note changes with the clock. */
  readonly countsDown?: true
}

function standingOf(
  model: ModelKey,
  circuit: (key: CircuitKey) => CircuitRecord | undefined,
  isTried: boolean,
  now: number,
): Standing {
  const { provider: whole, model: single } = modelHealth(model, circuit, now)
  // What stops a request is what is shown: a test holds the order of `circuitReason`.
  const open = [whole, single].find((state) => state.state === "open")
  if (open) {
    // A whole provider is out for a dead key or an empty wallet.
    const look = open.held || open === whole ? out : waiting
    if (open.held) return { ...look, note: "held", isTroubled: true }
    const note = whatToDo[open.kind] ?? describeDuration(backAt(open) - now)
    return { ...look, note, isTroubled: true, countsDown: true }
  }
  if (whole.state === "half-open" || single.state === "half-open") return { ...waiting, note: "ready" }
  return { ...(isTried ? well : untried), note: "" }
}

const well = { mark: "●", tone: "success" } as const
const untried = { mark: "○", tone: "textMuted" } as const
const waiting = { mark: "◐", tone: "warning" } as const
const out = { mark: "✕", tone: "error" } as const

/** What does not come back by itself needs somebody, and no time is promised. */
const whatToDo: { readonly [Kind in FailureKind]?: string } = { auth: "check key", billing: "top up" }

const mostKeyLines = 3

/** The keys that are cooling down, of the providers that the session's models are at. */
function keyLines(providers: readonly string[], { circuits, now }: PanelFacts): readonly PanelLine[] {
  return circuits
    .flatMap((record) => {
      const subject = circuitSubject(record.key)
      const state = circuitState(record, now)
      if (record.keyNumber === undefined || state.state !== "open") return []
      if (!subject || !("providerID" in subject) || !providers.includes(subject.providerID)) return []
      const rest = describeDuration(backAt(state) - now)
      return [textLine(`${subject.providerID}, key ${record.keyNumber}: ${explainKind(state.kind)}, ${rest}`)]
    })
    .slice(0, mostKeyLines)
}

/** A limit is worth a line from here on, percent used. */
const notablePercent = 75
const mostLimitLines = 2

/** The fullest window of each account that the session's models count for. */
function limitLines(providers: readonly string[], { limits, now }: PanelFacts): readonly PanelLine[] {
  return limits
    .filter(({ account }) => providers.includes(providerOfAccount(account)))
    .flatMap((account) => {
      const [fullest] = currentWindows(account.windows, now)
      if (fullest === undefined || fullest.usedPercent < notablePercent) return []
      return [textLine(`${accountName(account)}: ${describeWindow(fullest, now)}`)]
    })
    .slice(0, mostLimitLines)
}

/** What happened last: a return together with the switch that it ended. */
function eventLines(journal: readonly JournalEntry[], now: number): readonly PanelLine[] {
  const [last, before] = journal
  if (last === undefined) return []
  const shown = last.event === "returned" && before !== undefined ? [before, last] : [last]
  return shown.map((entry) => textLine(`${clockText(entry.at, now)} ${describeEvent(entry)}`))
}

function describeEvent(entry: JournalEntry): string {
  switch (entry.event) {
    case "switched":
      return `switched: ${explainSwitch(entry)}`
    case "returned":
      return "back to yours"
    case "exhausted":
      return entry.kind === undefined ? "no model left" : `no model left: ${explainKind(entry.kind)}`
  }
}

function textLine(text: string): PanelLine {
  return { line: "text", text }
}

const dayMs = 86_400_000

/** `14:32` in the user's time zone; what is a day old or older says how long ago it was. */
export function clockText(at: number, now: number): string {
  if (now - at >= dayMs) return `${describeDuration(Math.floor((now - at) / dayMs) * dayMs)} ago`
  return describeTime(new Date(at))
}

/** A name for a narrow panel. Where a model has none its id stands alone: what is cut must not be the model. */
export function panelName(model: ModelKey, name: string | undefined): string {
  return name === undefined || name === model ? modelRef(model).modelID : name
}
