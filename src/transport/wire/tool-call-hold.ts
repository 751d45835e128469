import { asObject, type JsonObject } from "../../core/json-object.ts"
import { isFilled } from "./frame-reader.ts"

/**
 * Keeps back the fragments of tool calls in chat completions until their call is complete, and joins them: they would
 * arrive all at once, and OpenCode reads its database for each of them, so that a long call would start late. Complete
 * means that the arguments are one whole JSON object. Whether a next call has begun tells nothing: some servers first
 * name all calls and then send their arguments.
 */
export class ToolCallHold {
  readonly #calls = new Map<string, HeldCall>()
  #lastCall = "none"
  /** The latest id at each index. */
  readonly #ids = new Map<unknown, string>()

  /** @returns the calls that these fragments complete, in their order; one that came in one piece as it came */
  push(fragments: readonly JsonObject[]): readonly JsonObject[] {
    return fragments.flatMap((fragment) => {
      this.#lastCall = this.#callOf(fragment)
      const call = this.#calls.get(this.#lastCall) ?? new HeldCall()
      this.#calls.set(this.#lastCall, call)
      return call.push(fragment) ? call.take() : []
    })
  }

  /** The provider has ended its answer: whatever is still held is as complete as it will be. */
  releaseAll(): readonly JsonObject[] {
    return [...this.#calls.values()].flatMap((call) => call.take())
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

class HeldCall {
  readonly #end = new JsonEnd()
  #fragments: JsonObject[] = []

  /** @returns whether the call is complete */
  push(fragment: JsonObject): boolean {
    this.#fragments.push(fragment)
    const { arguments: added } = asObject(fragment["function"])
    if (isFilled(added)) this.#end.push(added)
    return this.#end.complete
  }

  /** Joined only now: a long call comes in many thousands of fragments. */
  take(): readonly JsonObject[] {
    const fragments = this.#fragments
    this.#fragments = []
    if (fragments.length < 2) return fragments
    const functions = fragments.map((fragment) => asObject(fragment["function"]))
    const text = functions.map(({ arguments: some }) => (isFilled(some) ? some : "")).join("")
    return [{ ...joined(fragments), function: { ...joined(functions), arguments: text } }]
  }
}

function joined([first, ...others]: readonly JsonObject[]): JsonObject {
  const fields = { ...first }
  for (const other of others) Object.assign(fields, whatIsSaid(other))
  return fields
}

/** Some servers repeat a call's fields in each fragment, and leave them empty. */
function whatIsSaid(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null && value !== ""))
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
