import type { Alike, WireReader } from "./wire-types.ts"

/** Longer texts teach nothing: an expression without bounds may take ever longer for them. */
const plain = String.raw`[^"\\\x00-\x1f]{0,2000}`
/** The inside of a JSON string that is not empty. */
const inside = new RegExp(String.raw`(?!")${plain}(?:\\[^\x00-\x1f]${plain}){0,60}(?=")`, "y")

/** Equal to `frame` but for the inside of the JSON string that begins behind the first match of `begin`. */
export function alikeButForText(frame: string, begin: RegExp): Alike | undefined {
  const head = upTo(frame, begin)
  if (head === undefined) return undefined
  inside.lastIndex = head.length
  return inside.test(frame) ? { head, tail: frame.slice(inside.lastIndex) } : undefined
}

/** Equal to `frame` up to the first match of `last` and with it, whatever then comes in that line, its last one. */
export function alikeUpTo(frame: string, last: RegExp): Alike | undefined {
  const head = upTo(frame, last)
  return head === undefined ? undefined : { head, tail: "\n\n" }
}

function upTo(frame: string, last: RegExp): string | undefined {
  const match = frame.includes("\r") ? null : last.exec(frame)
  return match === null ? undefined : frame.slice(0, match.index + match[0].length)
}

/** So many frames in a row are learned from in vain before the frames of an answer count as all different. */
const mostInVain = 8

/** `next` is `tail` and the `head` of one more. */
type AlikeBytes = { readonly head: Expected; readonly tail: Expected; readonly next: Expected }

/** Knows from a frame that was read which others need not be. One for each answer. */
export class AlikeFrames {
  #alike: Alike | undefined
  #bytes: AlikeBytes | undefined
  #inVain = 0
  #isCut = false
  /** Where the last CR stands in the chunk that was looked at last. */
  #carriage: { readonly chunk: Uint8Array; readonly at: number } | undefined

  get isKnown(): boolean {
    return this.#bytes !== undefined
  }

  /** Where skimming has ended, such a frame begins, of which the rest has not come. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** @param frame one that was just read and passed on for its content */
  learn(reader: Pick<WireReader, "alike">, frame: string): void {
    if (this.#inVain > mostInVain) return
    this.#inVain += 1
    const alike = this.#inVain > mostInVain ? undefined : (reader.alike?.(frame) ?? this.#alike)
    if (alike && this.#alike?.head === alike.head && this.#alike.tail === alike.tail) return
    this.#alike = alike
    this.#bytes = alike && bytesOf(alike)
  }

  /** Where the frames end that stand at `from`, one behind the other, and need not be read. */
  skim(chunk: Uint8Array, from: number): number {
    this.#isCut = false
    const end = this.#bytes === undefined ? from : this.#skim(this.#bytes, chunk, from)
    if (end > from) this.#inVain = 0
    return end
  }

  #skim({ head, tail, next }: AlikeBytes, chunk: Uint8Array, from: number): number {
    const isLine = tail.bytes[0] === LF
    // It may end a line, wherever it stands.
    if (isLine && this.#lastCarriage(chunk) >= from) return from
    let at = from
    let isOne = head.goesOnAt(chunk, at)
    while (isOne && chunk.length - at > head.bytes.length) {
      const begin = at + head.bytes.length
      const end = isLine ? endOfLine(chunk, begin) : endOfText(chunk, begin)
      if (end === chunk.length) break
      if (end === begin) return at
      const left = chunk.length - end
      if (left < next.bytes.length || !next.goesOnAt(chunk, end)) {
        if (!tail.goesOnAt(chunk, end)) return at
        if (left < tail.bytes.length) break
        isOne = head.goesOnAt(chunk, end + tail.bytes.length)
      }
      at = end + tail.bytes.length
    }
    this.#isCut = isOne && at < chunk.length
    return at
  }

  #lastCarriage(chunk: Uint8Array): number {
    if (this.#carriage?.chunk !== chunk) this.#carriage = { chunk, at: chunk.lastIndexOf(CR) }
    return this.#carriage.at
  }
}

const { indexOf } = Buffer.prototype

/**
 * Bytes that are looked for where they should stand. Bun's search is twice as fast as its comparison (1.3.14), but goes
 * on to where they stand next: once it has done so in vain they are compared, until they are there again.
 */
class Expected {
  readonly bytes: Buffer
  #isAway = false

  constructor(text: string) {
    this.bytes = Buffer.from(text)
  }

  /** As far as the chunk goes. */
  goesOnAt(chunk: Uint8Array, at: number): boolean {
    const { bytes } = this
    const left = chunk.length - at
    if (left < bytes.length) return left === 0 || bytes.compare(chunk, at, chunk.length, 0, left) === 0
    const isThere = this.#isAway
      ? bytes.compare(chunk, at, at + bytes.length) === 0
      : indexOf.call(chunk, bytes, at) === at
    this.#isAway = !isThere
    return isThere
  }
}

function bytesOf({ head, tail }: Alike): AlikeBytes {
  return { head: new Expected(head), tail: new Expected(tail), next: new Expected(tail + head) }
}

const [LF, CR, SPACE, QUOTE, BACKSLASH] = [10, 13, 32, 34, 92]
/** @returns the length of the chunk where it has not come */
function endOfLine(chunk: Uint8Array, from: number): number {
  const end = chunk.indexOf(LF, from)
  return end === -1 ? chunk.length : end
}

/**
 * The quote that ends a JSON string.
 *
 * @returns the length of the chunk where it has not come; `from` where this is no such string
 */
function endOfText(chunk: Uint8Array, from: number): number {
  let isEscaped = false
  for (let at = from; at < chunk.length; at += 1) {
    const byte = chunk[at] ?? 0
    if (byte < SPACE) return from
    if (byte === QUOTE && !isEscaped) return at
    isEscaped = byte === BACKSLASH && !isEscaped
  }
  return chunk.length
}
