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
