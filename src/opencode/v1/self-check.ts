import { field, text } from "../../core/json-object.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import { processWide } from "../../turn/process-wide.ts"

/** The versions of OpenCode that `npm run versions` has shown to hold; `engines.opencode` says the same. */
export const supportedVersions = ">=1.18.22 <2"

/** Sessions that switch at the same moment before the first of them has gone on: a bound, not a wish. */
const mostAwaited = 500

/**
 * Notices that OpenCode is not as we measured it (docs/host-dependencies.md). All that is looked at passes our hooks
 * anyway. Each thing is believed for good once it was seen to work: from then on an odd event says nothing about the
 * host any more.
 */
export function createSelfCheck() {
  const copies = processWide("copies@1", () => new Set<unknown>()).add(createSelfCheck)
  let foreignVersion = false
  let unreleased = false
  let goesOn: "unproven" | "doubted" | "proven" | "refuted" = "unproven"
  /** Sessions that have switched and not yet gone on. */
  const awaited = new Set<string>()
  const providers = new Map<string, "marked" | "answered-uncaught" | "caught" | "never-caught">()

  const headers = new Map<string, () => boolean>()

  const isOpen = (): boolean => goesOn === "unproven" || goesOn === "doubted"

  const onVersion = (version: string | undefined): string | undefined => {
    if (version === undefined) return undefined
    const release = /^\d+\.\d+\.\d+/.exec(version)?.[0]
    unreleased = release !== version || release === "0.0.0"
    // Builds from source call themselves 0.0.0 or by a word: whoever makes them knows what they run.
    if (release === undefined || release === "0.0.0" || foreignVersion) return undefined
    foreignVersion = !Bun.semver.satisfies(release, supportedVersions)
    return foreignVersion ? unsupportedText(version) : undefined
  }

  /** An assistant message that this provider has answered. */
  const onAnswered = (providerID = ""): string | undefined => {
    const known = providers.get(providerID)
    // One answer may belong to a request that never bore the marker (a compaction); two do not.
    if (known === "marked") providers.set(providerID, "answered-uncaught")
    if (known !== "answered-uncaught") return undefined
    providers.set(providerID, "never-caught")
    // The marker is one copy's, and the other one takes it off.
    if (copies.size > 1) return loadedTwiceText
    return headers.get(providerID)?.() === false ? droppedText(providerID) : uncaughtText(providerID)
  }

  /** The session is at rest, by the user's Esc, with its deletion or by itself. */
  const onIdle = (sessionID: string, wasAborted: (sessionID: string) => boolean): string | undefined => {
    if (!awaited.delete(sessionID) || wasAborted(sessionID) || !isOpen()) return undefined
    // Of an Esc between two steps OpenCode says nothing at all (1.18.34): one may have been such, two are not.
    goesOn = goesOn === "unproven" ? "doubted" : "refuted"
    return goesOn === "refuted" ? notTakenUpText : undefined
  }

  return {
    /** `chat.headers` put our marker on a request to this model's provider. */
    onMarked: (model: ModelKey): void => {
      if (!providers.has(providerOf(model))) providers.set(providerOf(model), "marked")
    },
    /** @param bear whether the headers of that request still hold it, behind all other plugins */
    onHeaders: (providerID: string, bear: () => boolean): void => void headers.set(providerID, bear),
    /** The fetch wrapper took the marker off again. */
    onCaught: (model: ModelKey): void => void providers.set(providerOf(model), "caught"),
    /** The turn was lent, and the failed step was ended. */
    onSwitched: (sessionID: string): void => {
      if (isOpen() && awaited.size < mostAwaited) awaited.add(sessionID)
    },
    /** OpenCode prepares a step of this session. */
    onStep: (sessionID: string): void => {
      if (isOpen() && awaited.has(sessionID)) goesOn = "proven"
    },
    /**
     * Most events say nothing of the host itself.
     *
     * @returns what we count on and does not hold, for the log and a toast; the first time that it is certain
     */
    onEvent: (event: unknown, wasAborted: (sessionID: string) => boolean): string | undefined => {
      const properties = field(event, "properties")
      const info = field(properties, "info")
      switch (field(event, "type")) {
        // It carries the version of the OpenCode that made it; in `session.updated` an old one would.
        case "session.created":
          return onVersion(text(info, "version"))
        case "message.updated": {
          const isAnswer = Number(field(field(info, "tokens"), "output")) > 0
          return isAnswer && field(info, "error") === undefined
            ? onAnswered(text(info, "providerID"))
            : undefined
        }
        case "session.status": {
          const sessionID = text(properties, "sessionID") ?? ""
          const isIdle = text(field(properties, "status"), "type") === "idle"
          return isIdle ? onIdle(sessionID, wasAborted) : undefined
        }
        default:
          return undefined
      }
    },
    /** Whether this version of OpenCode is not supported: then nothing is done at all. */
    isHostUnsupported: () => foreignVersion,
    /** Whether OpenCode is a build that never was a release. */
    isUnreleased: () => unreleased,
    /** Whether a step on this model may be handled in flight. */
    mayMark: (model: ModelKey) =>
      !foreignVersion && goesOn !== "refuted" && providers.get(providerOf(model)) !== "never-caught",
  }
}

/** The calls of OpenCode's client without which nothing can be done. */
const neededCalls = [
  ["session", "prompt"],
  ["session", "promptAsync"],
  ["session", "abort"],
  ["session", "get"],
  ["session", "message"],
  ["config", "providers"],
] as const

/** @returns what the client lacks, such as `session.prompt`; empty on every version that is supported */
export function missingCalls(client: unknown): readonly string[] {
  return neededCalls.flatMap(([area, call]) =>
    typeof field(field(client, area), call) === "function" ? [] : [`${area}.${call}`],
  )
}

export function missingCallsText(missing: readonly string[]): string {
  return `This OpenCode has no ${missing.join(", ")}: Understudy stays off, and nothing falls back.`
}

function unsupportedText(version: string): string {
  return `OpenCode ${version} is not supported (${supportedVersions} is): Understudy stays off, and nothing falls back.`
}

function uncaughtText(providerID: string): string {
  return `Requests to ${providerID} do not pass the process's fetch: its failures are handled by a replay, after OpenCode's own retries.`
}

function droppedText(providerID: string): string {
  return `Another plugin takes our header off the requests to ${providerID} (chat.headers): its failures are handled by a replay, after OpenCode's own retries. Let Understudy be the last in "plugin".`
}

const loadedTwiceText =
  'OpenCode has loaded two copies of Understudy: keep one entry in "plugin". `npx opencode-understudy doctor` names them.'

const notTakenUpText =
  "OpenCode did not continue with the next model inside the turn: from now on failures are handled by a replay. Please report the version of OpenCode."
