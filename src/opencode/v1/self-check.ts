import { field, text } from "../../core/read-field.ts"
import { processWide } from "../../turn/process-wide.ts"

/** The versions of OpenCode that `npm run versions` has shown to hold; `engines.opencode` says the same. */
export const supportedVersions = ">=1.18.22 <2"

/** What is seen of the host while it works. All of it passes our hooks anyway: looking costs nothing. */
export type Observation =
  /** A session was created; it carries the version of the OpenCode that made it. */
  | { readonly saw: "version"; readonly version: string }
  /** `chat.headers` put our marker on a request to this provider. */
  | { readonly saw: "marked"; readonly providerID: string }
  /** `bear`: whether the headers of that request still hold it, behind all other plugins. */
  | { readonly saw: "headers"; readonly providerID: string; readonly bear: () => boolean }
  /** The fetch wrapper took the marker off again. */
  | { readonly saw: "caught"; readonly providerID: string }
  /** An assistant message that this provider has answered. */
  | { readonly saw: "answered"; readonly providerID: string }
  /** The turn was lent, and the failed step was ended. */
  | { readonly saw: "switched"; readonly sessionID: string }
  /** OpenCode prepares a step of this session. */
  | { readonly saw: "step"; readonly sessionID: string }
  /** The session is at rest, by the user's Esc, with its deletion or by itself. */
  | { readonly saw: "idle"; readonly sessionID: string; readonly wasAborted: boolean }

/** Sessions that switch at the same moment before the first of them has gone on: a bound, not a wish. */
const mostAwaited = 500

/**
 * Notices that OpenCode is not as we measured it (docs/host-dependencies.md). Each thing is believed for good once
 * it was seen to work: from then on an odd event says nothing about the host any more.
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

  const onVersion = (version: string): string | undefined => {
    const release = /^\d+\.\d+\.\d+/.exec(version)?.[0]
    unreleased = release !== version || release === "0.0.0"
    // Builds from source call themselves 0.0.0 or by a word: whoever makes them knows what they run.
    if (release === undefined || release === "0.0.0" || foreignVersion) return undefined
    foreignVersion = !Bun.semver.satisfies(release, supportedVersions)
    return foreignVersion ? unsupportedText(version) : undefined
  }

  const onAnswered = (providerID: string): string | undefined => {
    const known = providers.get(providerID)
    // One answer may belong to a request that never bore the marker (a compaction); two do not.
    if (known === "marked") providers.set(providerID, "answered-uncaught")
    if (known !== "answered-uncaught") return undefined
    providers.set(providerID, "never-caught")
    // The marker is one copy's, and the other one takes it off.
    if (copies.size > 1) return loadedTwiceText
    return headers.get(providerID)?.() === false ? droppedText(providerID) : uncaughtText(providerID)
  }

  const onIdle = (sessionID: string, wasAborted: boolean): string | undefined => {
    if (!awaited.delete(sessionID) || wasAborted || !isOpen()) return undefined
    // Of an Esc between two steps OpenCode says nothing at all (1.18.34): one may have been such, two are not.
    goesOn = goesOn === "unproven" ? "doubted" : "refuted"
    return goesOn === "refuted" ? notTakenUpText : undefined
  }

  return {
    /** @returns what we count on and does not hold, for the log and a toast; the first time that it is certain */
    observe: (observation: Observation): string | undefined => {
      switch (observation.saw) {
        case "version":
          return onVersion(observation.version)
        case "marked":
          if (!providers.has(observation.providerID)) providers.set(observation.providerID, "marked")
          return undefined
        case "headers":
          headers.set(observation.providerID, observation.bear)
          return undefined
        case "caught":
          providers.set(observation.providerID, "caught")
          return undefined
        case "answered":
          return onAnswered(observation.providerID)
        case "switched":
          if (isOpen() && awaited.size < mostAwaited) awaited.add(observation.sessionID)
          return undefined
        case "step":
          if (isOpen() && awaited.has(observation.sessionID)) goesOn = "proven"
          return undefined
        case "idle":
          return onIdle(observation.sessionID, observation.wasAborted)
      }
    },
    /** Whether this version of OpenCode is not supported: then nothing is done at all. */
    isHostUnsupported: () => foreignVersion,
    /** Whether OpenCode is a build that never was a release. */
    isUnreleased: () => unreleased,
    /** Whether a step on this provider may be handled in flight. */
    mayMark: (providerID: string) =>
      !foreignVersion && goesOn !== "refuted" && providers.get(providerID) !== "never-caught",
  }
}

/** Reads what an event of OpenCode says about the host itself. Most events say nothing. */
export function observationIn(
  event: unknown,
  wasAborted: (sessionID: string) => boolean,
): Observation | undefined {
  const properties = field(event, "properties")
  const info = field(properties, "info")
  switch (field(event, "type")) {
    // Not `session.updated`: an old session keeps the version that made it.
    case "session.created": {
      const version = text(info, "version")
      return version === undefined ? undefined : { saw: "version", version }
    }
    case "message.updated": {
      const providerID = text(info, "providerID")
      const isAnswer =
        field(info, "error") === undefined && Number(field(field(info, "tokens"), "output")) > 0
      return providerID !== undefined && isAnswer ? { saw: "answered", providerID } : undefined
    }
    case "session.status": {
      const sessionID = text(properties, "sessionID")
      const isIdle = text(field(properties, "status"), "type") === "idle"
      if (sessionID === undefined || !isIdle) return undefined
      return { saw: "idle", sessionID, wasAborted: wasAborted(sessionID) }
    }
    default:
      return undefined
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
