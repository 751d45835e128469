import {
  endOfStream,
  errorFrame,
  halfCall,
  say,
  status,
  stream,
  text,
  toolCall,
  type Step,
} from "../../test/simulator/index.ts"

/** What a provider does with the first request of a turn. */
export type Situation = {
  readonly name: string
  readonly step: Step
  /** The fallback must be asked, and OpenCode must not notice. */
  readonly fails: boolean
  readonly needsTools?: true
}

export const situations: readonly Situation[] = [
  { name: "answer", step: text("All is well."), fails: false },
  {
    name: "call",
    step: toolCall("bash", { command: "echo once", description: "Says once" }),
    fails: false,
    needsTools: true,
  },
  { name: "429, one hour", step: status(429, { headers: { "retry-after": "3600" } }), fails: true },
  { name: "cut in the text", step: stream(say("Once upon a "), endOfStream()), fails: true },
  { name: "error in the text", step: stream(say("Once upon a "), errorFrame()), fails: true },
  {
    name: "cut in a call",
    step: stream(say("Once "), halfCall("bash"), endOfStream()),
    fails: true,
    needsTools: true,
  },
]
