import { asArray, asObject, type JsonObject } from "../../core/json-object.ts"
import { isFilled } from "./frame-reader.ts"
import { sseFrame } from "./wire-steps.ts"

/** A frame of chat completions that holds fragments of tool calls. `calls` names the call of each fragment. */
export type ToolFrame = {
  readonly text: string
  readonly chunk: JsonObject
  readonly calls: readonly string[]
}

/**
 * The frames as text, the fragments of a call joined into its first one. Fragments that were held would else
 * arrive all at once, and OpenCode reads its database for each of them: a long call would start late.
 * Whatever carries more than arguments stays a frame of its own.
 */
export function mergeToolFrames(frames: readonly ToolFrame[]): string {
  const merged: { readonly frame: ToolFrame; rest: string }[] = []
  const latest = new Map<string, (typeof merged)[number]>()
  for (const frame of frames) {
    const [call = "", ...others] = frame.calls
    const before = latest.get(call)
    const fragment = others.length === 0 ? argumentsOnly(frame.chunk) : undefined
    if (before !== undefined && fragment !== undefined) {
      before.rest += fragment
      continue
    }
    const entry = { frame, rest: "" }
    merged.push(entry)
    for (const name of frame.calls) latest.delete(name)
    if (others.length === 0) latest.set(call, entry)
  }
  return merged.map(({ frame, rest }) => (rest === "" ? frame.text : extended(frame.chunk, rest))).join("")
}

/** The arguments in a frame that holds nothing else of any meaning. */
function argumentsOnly(chunk: JsonObject): string | undefined {
  const choice = asObject(asArray(chunk["choices"])[0])
  const { tool_calls: calls, role: _role, ...delta } = asObject(choice["delta"])
  const { index: _index, id: _id, type: _type, function: named, ...fragment } = asObject(asArray(calls)[0])
  const { arguments: text, name, ...more } = asObject(named)
  const meaning = [delta, fragment, more].flatMap((rest) => Object.values(rest))
  const isPlain = [...meaning, chunk["usage"], choice["logprobs"], name].every(
    (value) => value == null || value === "",
  )
  return isPlain && typeof text === "string" ? text : undefined
}

function extended(chunk: JsonObject, rest: string): string {
  const [choice, ...choices] = asArray(chunk["choices"]).map(asObject)
  const delta = asObject(choice?.["delta"])
  const call = asObject(asArray(delta["tool_calls"])[0])
  const named = asObject(call["function"])
  const begun = isFilled(named["arguments"]) ? named["arguments"] : ""
  const whole = { ...call, function: { ...named, arguments: begun + rest } }
  return sseFrame({
    ...chunk,
    choices: [{ ...choice, delta: { ...delta, tool_calls: [whole] } }, ...choices],
  })
}
