import type { AnyHost } from "../../test/e2e/harness/any-host.ts"
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
  readonly step: (tools: AnyHost["tools"]) => Step
  /** The fallback must be asked, and OpenCode must not notice. */
  readonly fails: boolean
  readonly needsTools?: true
}

export const situations: readonly Situation[] = [
  { name: "answer", step: () => text("All is well."), fails: false },
  {
    name: "call",
    step: (tools) => toolCall(...tools.shell("echo once")),
    fails: false,
    needsTools: true,
  },
  { name: "429, one hour", step: () => status(429, { headers: { "retry-after": "3600" } }), fails: true },
  { name: "cut in the text", step: () => stream(say("Once upon a "), endOfStream()), fails: true },
  { name: "error in the text", step: () => stream(say("Once upon a "), errorFrame()), fails: true },
  {
    name: "cut in a call",
    step: (tools) => stream(say("Once "), halfCall(tools.shell("")[0]), endOfStream()),
    fails: true,
    needsTools: true,
  },
]
