import { endOfStream, raw, say, status, stream, type Beat, type Step } from "../../test/simulator/index.ts"

/** An answer under status 200 that is none, or ends in a way that no client understands. */
export type Ending = { readonly name: string; readonly step: Step }

const end = (reason: string): readonly Beat[] => [
  raw(`data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta: {}, finish_reason: reason }] })}\n\n`),
  raw("data: [DONE]\n\n"),
  endOfStream(),
]

export const endings: readonly Ending[] = [
  { name: "a JSON error", step: status(200, { body: { error: { message: "Insufficient balance" } } }) },
  { name: "an HTML page", step: status(200, { body: "<html><body>Bad gateway</body></html>" }) },
  { name: "an empty stream", step: stream(endOfStream()) },
  { name: "`[DONE]` and nothing else", step: stream(raw("data: [DONE]\n\n"), endOfStream()) },
  { name: "text, cut before its end", step: stream(say("All is "), endOfStream()) },
  { name: "text, then an unknown finish reason", step: stream(say("All is well."), ...end("eos")) },
  { name: "text, then `tool_calls` without a call", step: stream(say("All is well."), ...end("tool_calls")) },
  { name: "nothing, then an unknown finish reason", step: stream(...end("eos")) },
  { name: "nothing, then `tool_calls`", step: stream(...end("tool_calls")) },
]
