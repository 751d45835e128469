import type { JsonObject } from "../../core/json-object.ts"

/** One thing that happens in a dry run; what programs may want to know of it beside the text stands in further keys. */
export type SimulationEvent = JsonObject & {
  /** Milliseconds since the start. */
  readonly at: number
  readonly event: EventName
  /** For people; without a word for the event itself. */
  readonly text: string
  /** Models that were passed over, and why. */
  readonly skipped?: readonly string[]
  /** Further lines. */
  readonly details: readonly string[]
}

export type EventName =
  /** A turn begins. */
  | "prompt"
  /** The model is not asked at all: it is known to be down, or cannot be used. */
  | "not-asked"
  | "answered"
  | "failed"
  /** The identical request goes out with the provider's next key; the one before rests. */
  | "key-changed"
  | "repeated"
  | "switched"
  | "left-to-opencode"
  | "exhausted"
  | "waits"
  /** A circuit after a failure, as it stands in the store. */
  | "rests"
  | "toast"
  /** A step of the script that never came to pass. */
  | "unused"

type Facts = JsonObject & Pick<SimulationEvent, "skipped">

export type Report = (event: EventName, text: string, facts?: Facts, details?: readonly string[]) => void
