import { asArray, asObject, type JsonObject } from "../../core/json-object.ts"
import { isFilled } from "./frame-reader.ts"
import { sseFrame } from "./wire-steps.ts"

/**
 * Keeps back the frames of chat completions that hold fragments of tool calls, until the calls in them are
 * complete. Complete means that the arguments are one whole JSON object. Whether a next call has begun tells
 * nothing: some servers first name all calls and then send their arguments.
 */
export class ToolCallHold {
  readonly #ends = new Map<string, JsonEnd>()
  #held: ToolFrame[] = []
  #lastCall = "none"
  /** The latest id at each index. */
  readonly #ids = new Map<unknown, string>()

  /** @returns the frames that may go on now, in their order; `""` for none */
  push(text: string, chunk: JsonObject, fragments: readonly JsonObject[]): string {
    const calls = fragments.map((fragment) => this.#read(fragment))
    this.#held.push({ text, chunk, calls })
    if (!calls.some((call) => this.#isComplete(call))) return ""
    const isReady = (frame: ToolFrame) => frame.calls.every((call) => this.#isComplete(call))
    const ready = this.#held.filter(isReady)
    this.#held = this.#held.filter((frame) => !isReady(frame))
    return mergeToolFrames(ready)
  }

  /** The provider has ended its answer: whatever is still held is as complete as it will be. */
  releaseAll(): string {
    const all = mergeToolFrames(this.#held)
    this.#held = []
    return all
  }

  #isComplete(call: string): boolean {
    return this.#ends.get(call)?.complete === true
  }

  #read(fragment: JsonObject): string {
    const call = this.#callOf(fragment)
    this.#lastCall = call
    const end = this.#ends.get(call) ?? new JsonEnd()
    this.#ends.set(call, end)
    const args = asObject(fragment["function"])["arguments"]
    if (isFilled(args)) end.push(args)
    return call
  }

  /**
   * Google's compatible endpoint sends no index, other servers send 0 for every call: a new id begins a new
   * call. Ids that change with every fragment only make a call look unfinished until the answer ends.
   */
  #callOf({ index, id }: JsonObject): string {
    if (isFilled(id)) this.#ids.set(index, id)
    else if (typeof index !== "number") return this.#lastCall
    return `${String(index)} ${this.#ids.get(index) ?? ""}`
  }
}

/** A frame of chat completions that holds fragments of tool calls. `calls` names the call of each fragment. */
type ToolFrame = {
  readonly text: string
  readonly chunk: JsonObject
  readonly calls: readonly string[]
}

/**
 * The frames as text, the fragments of a call joined into its first one. Fragments that were held would else
 * arrive all at once, and OpenCode reads its database for each of them: a long call would start late.
 * Whatever carries more than arguments stays a frame of its own.
 */
function mergeToolFrames(frames: readonly ToolFrame[]): string {
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

/**
 * Tells, fragment by fragment, when streamed JSON text has come to its end: one object, all brackets closed.
 * Reads each character once, so a long argument costs no more than its length (parsing after every fragment
 * would cost its square).
 */
export class JsonEnd {
  #depth = 0
  #inString = false
  #escaped = false
  #state: "before" | "inside" | "complete" | "beyond" = "before"

  /** Exactly one whole object has been read, and nothing but white space around it. */
  get complete(): boolean {
    return this.#state === "complete"
  }

  push(fragment: string): void {
    for (const character of fragment) this.#read(character)
  }

  #read(character: string): void {
    if (this.#inString) return this.#readString(character)
    if (this.#state !== "inside") return this.#readOutside(character)
    if (character === '"') this.#inString = true
    else if (character === "{" || character === "[") this.#depth += 1
    else if (character === "}" || character === "]") {
      this.#depth -= 1
      if (this.#depth === 0) this.#state = "complete"
    }
  }

  #readString(character: string): void {
    if (this.#escaped) this.#escaped = false
    else if (character === "\\") this.#escaped = true
    else if (character === '"') this.#inString = false
  }

  #readOutside(character: string): void {
    if (character.trim() === "") return
    if (this.#state === "before" && character === "{") {
      this.#state = "inside"
      this.#depth = 1
    } else this.#state = "beyond"
  }
}
