import { type AlikeBytes, mostCompared, skimBytes } from "./alike-bytes.ts"
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
  return inside.test(frame) ? { between: "text", head, tail: frame.slice(inside.lastIndex) } : undefined
}

/** Equal to `frame` up to the first match of `last` and with it, whatever comes then. */
export function alikeUpTo(frame: string, last: RegExp): Alike | undefined {
  const head = upTo(frame, last)
  return head === undefined ? undefined : { between: "anything", head }
}

function upTo(frame: string, last: RegExp): string | undefined {
  const match = frame.includes("\r") ? null : last.exec(frame)
  return match === null ? undefined : frame.slice(0, match.index + match[0].length)
}

/** So many frames in a row are learned from in vain before the frames of an answer count as all different. */
const mostInVain = 8

const encoder = new TextEncoder()
const nothing = new Uint8Array(0)

/** Knows from a frame that was read which others need not be. One for each answer. */
export class AlikeFrames {
  #alike: Alike | undefined
  #bytes: AlikeBytes | undefined
  #inVain = 0
  #isCut = false

  get isKnown(): boolean {
    return this.#bytes !== undefined
  }

  /** Where skimming has ended, such a frame begins, of which the rest has not come. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** @param frame one that was just read and passed on for its content */
  learn(reader: WireReader, frame: string): void {
    if (this.#inVain > mostInVain) return
    this.#inVain += 1
    const alike = this.#inVain > mostInVain ? undefined : (reader.alike?.(frame) ?? this.#alike)
    if (this.#alike && alike && isSame(this.#alike, alike)) return
    this.#alike = alike
    this.#bytes = alike && bytesOf(alike)
  }

  /**
   * Where the frames end that stand at `from`, one behind the other, and need not be read.
   *
   * @param chunk a frame begins at `from`
   * @param lead how that frame begins, where it does so before the chunk; `from` is 0 then
   * @returns a place in the chunk; where there are none, `from` less the length of the lead
   */
  skim(chunk: Uint8Array<ArrayBuffer>, from: number, lead: Uint8Array<ArrayBuffer> = nothing): number {
    this.#isCut = false
    if (this.#bytes === undefined) return from - lead.length
    const { end, isCut } = skimBytes(this.#bytes, chunk, from, lead)
    this.#isCut = isCut
    if (end > from) this.#inVain = 0
    return end
  }
}

function isSame(one: Alike, other: Alike): boolean {
  return one.head === other.head && tailOf(one) === tailOf(other)
}

function tailOf(alike: Alike): string {
  return alike.between === "text" ? alike.tail : ""
}

/** @returns `undefined` where they are too long to be compared */
function bytesOf(alike: Alike): AlikeBytes | undefined {
  const [head, tail] = [encoder.encode(alike.head), encoder.encode(tailOf(alike))]
  return Math.max(head.length, tail.length) > mostCompared ? undefined : { head, tail }
}
