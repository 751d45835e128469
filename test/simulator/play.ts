import type { ServerResponse } from "node:http"
import type { Encoder } from "./protocol/protocol.ts"
import type { Beat, Usage } from "./step.ts"

const ENDING: ReadonlySet<Beat["kind"]> = new Set([
  "finish",
  "reset",
  "end-of-stream",
  "silence",
  "error-frame",
])

/** A stream without an ending beat ends properly: with `tool-calls` if it holds a call, else with `stop`. */
function withEnding(beats: readonly Beat[]): readonly Beat[] {
  if (beats.some((beat) => ENDING.has(beat.kind))) return beats
  const reason = beats.some((beat) => beat.kind === "tool-call") ? "tool-calls" : "stop"
  return [...beats, { kind: "finish", reason }]
}

export interface Stage {
  readonly response: ServerResponse
  readonly encoder: Encoder
  readonly charset: "latin1" | undefined
  /** Reported where the beats give no usage of their own. */
  readonly usage: Usage
  /** Resolves when the client has left. */
  readonly left: Promise<void>
  /** Breaks the connection, once the client has shown this last piece of the answer. */
  reset(lastPiece: string | undefined): Promise<void>
}

/** Plays the beats into the answer. Resolves when the answer is complete or the client has left. */
export async function play(beats: readonly Beat[], stage: Stage): Promise<void> {
  const { response, encoder, usage, left } = stage
  let lastPiece: string | undefined
  for (const beat of withEnding(beats)) {
    if (response.destroyed || response.closed) return
    for (const piece of bytesOf(beat, encoder, usage))
      if (piece !== "") response.write(piece, stage.charset ?? "utf8")
    switch (beat.kind) {
      case "pause":
        await Promise.race([Bun.sleep(beat.ms), left])
        break
      case "wait":
        beat.gate.arrive()
        await Promise.race([beat.gate.opened, left])
        break
      case "silence":
        await left
        return
      case "reset":
        await stage.reset(lastPiece)
        return
      case "finish":
      case "end-of-stream":
        response.end()
        return
      case "text":
      case "reasoning":
        lastPiece = pieces(beat.text).at(-1)
        break
      case "tool-call":
      case "half-tool-call":
      case "begin":
      case "ping":
      case "raw":
      case "error-frame":
        break
    }
  }
  response.end()
}

const pieces = (text: string): readonly string[] => text.split(/(?<= )/)

function bytesOf(beat: Beat, encoder: Encoder, usage: Usage): readonly string[] {
  switch (beat.kind) {
    case "text":
      return pieces(beat.text).map((word) => encoder.text(word))
    case "reasoning":
      return pieces(beat.text).map((word) => encoder.reasoning(word))
    case "tool-call":
      return [encoder.toolCall(beat.name, JSON.stringify(beat.input), true)]
    case "half-tool-call":
      return [encoder.toolCall(beat.name, beat.inputText, false)]
    case "begin":
      return [encoder.begin()]
    case "ping":
      return [encoder.ping()]
    case "raw":
      return [beat.text]
    case "error-frame":
      return [encoder.error(beat.error)]
    case "finish":
      return [encoder.finish(beat.reason, beat.usage ?? usage)]
    case "pause":
    case "wait":
    case "reset":
    case "end-of-stream":
    case "silence":
      break
  }
  return []
}
