import { isEnd } from "../../../src/transport/wire/closing.ts"
import type { Closing, Shown, WireProtocol } from "../../../src/transport/wire/wire-types.ts"

export type Driven = {
  /** What the SDK is given: what was passed on, and the ending where the answer failed. */
  readonly body: string
  /** How it ended: the provider's own end, an error frame (its text), a cut, or an end with nothing before it. */
  readonly outcome: "finished" | Exclude<Closing, "turn-ends" | "goes-on"> | { readonly failure: string }
  readonly shown: Shown
}

/** Reads an answer as the fetch wrapper does, and ends the step where it fails. */
export function drive(protocol: WireProtocol, chunks: Iterable<Uint8Array<ArrayBuffer>>): Driven {
  const splitter = protocol.framing.splitter()
  const reader = protocol.open("m")
  let body = ""
  for (const chunk of chunks) {
    for (const frame of splitter.push(splitter.prepare(chunk)).frames) {
      const step = reader.read(frame)
      if (step.type === "failure") {
        const { shown } = reader
        return { body: body + reader.end(), outcome: { failure: step.text }, shown }
      }
      if (step.type === "closing" && !isEnd(step))
        return { body: body + reader.end(), outcome: step.closing, shown: reader.shown }
      body += step.type === "forward" ? frame : step.frames
    }
  }
  const { shown, finished } = reader
  return { body: body + reader.end(), outcome: finished ? "finished" : "cut", shown }
}
