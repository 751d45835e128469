import type { Holds } from "./plan-answer.ts"
import type { Kill, TurnPlan } from "./plan-turn.ts"

/** What a provider saw of one request. Times are `performance.now()`, milliseconds. */
export type SeenRequest = {
  /** The plan that it belongs to. */
  readonly tag: string
  /** Answers of tools that it holds since its prompt; `compaction` for one of those. */
  readonly step: string
  readonly model: string
  readonly atMs: number
  /** `undefined` while it is under way. */
  readonly endedAtMs: number | undefined
  /** What its answer would have been, had nothing failed. */
  readonly holds: Holds
  /** In words; `undefined`: it was answered well. */
  readonly fault: string | undefined
  /** For how long the provider said that it must not be asked; `undefined` also where none of us hears it. */
  readonly retryAfterMs: number | undefined
  /** It fell silent, and we are there to notice. */
  readonly isSilent: boolean
  /** Where our name or one of our settings stood in it. */
  readonly traces: readonly string[]
}

/** A user message as OpenCode has it in its store. */
export type SeenUser = {
  readonly text: string
  /** `provider/model`; `undefined` where the host keeps none with a message. */
  readonly model: string | undefined
  /** OpenCode's own: it stands for a compaction. */
  readonly isCompaction: boolean
}

export type End =
  | { readonly is: "answered" }
  | { readonly is: "failed"; readonly error: string }
  /** The session does nothing and is not at rest either. */
  | { readonly is: "hung"; readonly state: string }
  /** The run was over before the turn was: OpenCode waits to ask again, or works. */
  | { readonly is: "unfinished" }
  | { readonly is: "killed" }
  | { readonly is: "deleted" }

/** A turn after its end, with what its session looks like then. */
export type SeenTurn = {
  readonly plan: TurnPlan
  /** A number from 0. */
  readonly server: number
  readonly session: string
  /** Its own model first. */
  readonly chain: readonly string[]
  readonly startedAtMs: number
  readonly end: End
  /** The newest answer's text. */
  readonly text: string
  /** What the `session.error` events of this turn say. */
  readonly sessionErrors: readonly string[]
  readonly users: readonly SeenUser[]
  /** The model of the prompt box of whoever opens the session now. */
  readonly standsOn: string
  /** Name and state of each tool of this session and its subagents: `bash:completed`. */
  readonly tools: readonly string[]
  /** How often each line stands in the file. */
  readonly lines: ReadonlyMap<string, number>
  /** Where our name stands in the session's messages. */
  readonly traces: readonly string[]
  /** All prompts of this session until now; of those that may be missing OpenCode was killed while it took them. */
  readonly prompts: readonly SentPrompt[]
}

export type SentPrompt = { readonly text: string; readonly mayMiss: boolean }

/** When the user pressed Esc, and when OpenCode had acknowledged it. */
export type SeenEscape = { readonly tag: string; readonly atMs: number }

/** What has to do with a whole run. */
export type SeenRun = {
  readonly requests: readonly SeenRequest[]
  readonly escapes: readonly SeenEscape[]
  readonly chains: readonly (readonly string[])[]
  /** Power cuts as they happened, on the clock of the requests. */
  readonly kills: readonly Kill[]
  /** Tags of turns that were ended from outside: what a model said in them need not have been heard. */
  readonly cutShort: ReadonlySet<string>
}

/** A promise that was not held. */
export type Broken = {
  readonly promise: PromiseName
  readonly tag: string
  readonly session: string
  readonly expected: string
  readonly seen: string
}

export const promiseNames = [
  "every turn ends",
  "a turn ends with its answer, or with an error that every model of its chain is behind",
  "no turn is given up while a model may be well again",
  "no tool runs twice, none is left out",
  "one prompt is one message",
  "every message names the user's own model after the turn",
  "the session stands on the user's own model after the turn",
  "no storm",
  "nothing of ours leaves or stays",
  "after Esc nobody is asked",
  "who is known to be down is not asked",
  "a silent model is left",
  "no fault of our own",
] as const

export type PromiseName = (typeof promiseNames)[number]
