/** The blocks of an answer: it begins once, and one block is open at a time. */
export class Blocks<Kind extends string> {
  /** Of the newest block; -1 before the first one. */
  index = -1
  readonly #frames: BlockFrames<Kind>
  #begun = false
  #open: Kind | undefined

  constructor(frames: BlockFrames<Kind>) {
    this.#frames = frames
  }

  begin(): string {
    if (this.#begun) return ""
    this.#begun = true
    return this.#frames.begin()
  }

  /** @param start the frames that begin a block of this kind, unless one is open */
  ensure(kind: Kind, start: () => string): string {
    return this.#open === kind ? "" : this.open(kind, start)
  }

  open(kind: Kind, start: () => string): string {
    const closed = this.begin() + this.close()
    this.#open = kind
    this.index += 1
    return closed + start()
  }

  close(): string {
    const kind = this.#open
    if (kind === undefined) return ""
    this.#open = undefined
    return this.#frames.end(kind)
  }
}

export type BlockFrames<Kind extends string> = {
  readonly begin: () => string
  /** Ends the block at `index`. */
  readonly end: (kind: Kind) => string
}
