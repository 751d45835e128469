import { asObject, type JsonObject } from "../../core/json-object.ts"
import { isFilled } from "./frame-reader.ts"
import { JsonEnd } from "./json-end.ts"
import { mergeToolFrames, type ToolFrame } from "./merge-tool-frames.ts"

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
