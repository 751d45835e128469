import type { Bytes } from "../bytes.ts"
import type { Alike, WireReader } from "./wire-types.ts"

/** Longer texts teach nothing: an expression without bounds may take ever longer for them. */
const plain = String.raw`[^"\\\x00-\x1f]{0,2000}`
/** The inside of a JSON string that is not empty. */
const inside = new RegExp(String.raw`(?!")${plain}(?:\\[^\x00-\x1f]${plain}){0,60}(?=")`, "y")

/** Equal to `frame` but for the insides of the JSON strings that begin behind the matches of `begins`. */
export function alikeButForTexts(frame: string, begins: RegExp): Alike | undefined {
  const texts: string[] = []
  let from = 0
  for (const { index, 0: begin } of frame.matchAll(begins)) {
    inside.lastIndex = index + begin.length
    texts.push(frame.slice(from, inside.lastIndex))
    if (!inside.test(frame)) return undefined
    from = inside.lastIndex
  }
  return texts.length === 0 ? undefined : [...texts, frame.slice(from)]
}

/** Equal to `frame` up to the first match of `last` and with it, whatever then comes in that line, its last one. */
export function alikeUpTo(frame: string, last: RegExp): Alike | undefined {
  const match = last.exec(frame)
  return match === null ? undefined : [frame.slice(0, match.index + match[0].length), "\n\n"]
}

/** So many frames in a row are learned from in vain before the frames of an answer count as all different. */
const mostInVain = 8

/** `between`: in a frame, each behind what is said; the last is `tail` and the `head` of one more, found in one go. */
type AlikeBytes = { readonly head: DataView; readonly between: readonly DataView[]; readonly tail: DataView }

/** Knows from a frame that was read which others need not be. One for each answer. */
export class AlikeFrames {
  #alike: AlikeBytes | undefined
  #inVain = 0
  #isCut = false

  get isKnown(): boolean {
    return this.#alike !== undefined
  }

  /** Where skimming has ended, such a frame begins, of which the rest has not come. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** @param frame one that was just read and passed on for its content */
  learn(reader: Pick<WireReader, "alike">, frame: string): void {
    this.#inVain += 1
    const alike = this.#inVain > mostInVain ? undefined : reader.alike?.(frame)
    if (alike || this.#inVain > mostInVain) this.#alike = alike && bytesOf(alike)
  }

  /** Where the frames end that stand at `from`, one behind the other, and need not be read. */
  skim(chunk: Bytes, from: number): number {
    this.#isCut = false
    const end = this.#alike === undefined ? from : this.#skim(this.#alike, chunk, from)
    if (end > from) this.#inVain = 0
    return end
  }

  #skim({ head, between, tail }: AlikeBytes, chunk: Bytes, from: number): number {
    const view = viewOf(chunk)
    if (!goesOnAt(view, from, head)) return from
    const isLine = tail.getUint8(0) === LF
    let begin = from
    for (let index = 0, at = from + head.byteLength; at < chunk.length;) {
      const text = between[index] ?? tail
      const isLast = (index += 1) === between.length
      if (isLast) index = 0
      const end = isLine ? endOfLine(chunk, at) : endOfText(chunk, at)
      if (end === at) return begin
      const frameEnd = end + tail.byteLength
      if (!goesOnAt(view, end, text)) return isLast && goesOnAt(view, end, tail) ? frameEnd : begin
      if (isLast && frameEnd <= chunk.length) begin = frameEnd
      at = end + text.byteLength
    }
    this.#isCut = begin < chunk.length
    return begin
  }
}

/**
 * Whether these bytes stand there, as far as the chunk goes: eight at a time, as numbers, which is the one way that is fast
 * on Bun 1.3 and on 1.4 (docs/decisions/0018-frames-that-are-not-read.md).
 */
function goesOnAt(chunk: DataView, at: number, expected: DataView): boolean {
  const length = Math.min(expected.byteLength, chunk.byteLength - at)
  let index = 0
  for (; index + 8 <= length; index += 8)
    if (chunk.getFloat64(at + index, true) !== expected.getFloat64(index, true)) return false
  for (; index < length; index += 1) if (chunk.getUint8(at + index) !== expected.getUint8(index)) return false
  return true
}

function viewOf({ buffer, byteOffset, length }: Bytes): DataView {
  return new DataView(buffer, byteOffset, length)
}

function bytesOf([head = "", ...others]: Alike): AlikeBytes {
  const tail = others.pop() ?? ""
  const view = (text: string) => viewOf(Buffer.from(text))
  return { head: view(head), between: [...others, tail + head].map(view), tail: view(tail) }
}

const [LF, SPACE, QUOTE, BACKSLASH] = [10, 32, 34, 92]

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
