import type { Alike, WireReader } from "./wire-types.ts"

const blankLine = "\n\n"
/** Longer texts are read: an expression without bounds takes far longer for each, and ever longer for one that is cut. */
const plain = String.raw`[^"\\\x00-\x1f]{0,2000}`
/** The inside of a JSON string that is not empty. */
const inside = String.raw`(?!")${plain}(?:\\[^\x00-\x1f]${plain}){0,60}`
const insideAndEnd = new RegExp(`${inside}(?=")`, "y")

/** Equal to `frame` but for the inside of the JSON string that begins behind the first match of `begin`. */
export function alikeButForText(frame: string, begin: RegExp): Alike | undefined {
  const head = upTo(frame, begin)
  if (head === undefined) return undefined
  const end = endOfMatch(insideAndEnd, frame, head.length)
  return end > head.length ? { between: "text", head, tail: frame.slice(end) } : undefined
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

/** Knows from a frame that was read which others need not be. One for each answer. */
export class AlikeFrames {
  #alike: Alike | undefined
  /** Any number of frames that are alike but for their text. Made when there is use for it, which takes 35 µs. */
  #texts: RegExp | undefined
  #inVain = 0

  get isKnown(): boolean {
    return this.#alike !== undefined
  }

  /** @param frame one that was just read and passed on for its content */
  learn(reader: WireReader, frame: string): void {
    if (this.#inVain > mostInVain) return
    this.#inVain += 1
    const alike = this.#inVain > mostInVain ? undefined : (reader.alike?.(frame) ?? this.#alike)
    if (this.#alike && alike && isSame(this.#alike, alike)) return
    this.#alike = alike
    this.#texts = undefined
  }

  /**
   * Where the frames end that stand at `from`, one behind the other, and need not be read.
   *
   * @param bytes one character a byte; a frame begins at `from`
   * @returns `from` where there are none
   */
  skim(bytes: string, from: number): number {
    const alike = this.#alike
    if (alike === undefined || !bytes.startsWith(alike.head, from)) return from
    const end =
      alike.between === "text"
        ? skimTexts((this.#texts ??= textsOf(alike)), bytes, from)
        : skimAnything(bytes, from, alike.head)
    if (end > from) this.#inVain = 0
    return end
  }
}

function isSame(one: Alike, other: Alike): boolean {
  const [tail, otherTail] = [one, other].map((alike) => (alike.between === "text" ? alike.tail : undefined))
  return one.head === other.head && tail === otherTail
}

/** Behind the next blank line; the end of the bytes when there is none. */
export function afterBlankLine(bytes: string, from: number): number {
  const at = bytes.indexOf(blankLine, from)
  return at === -1 ? bytes.length : at + blankLine.length
}

/** One expression for a whole row of frames: a comparison for each frame would take five times as long. */
function textsOf({ head, tail }: Extract<Alike, { between: "text" }>): RegExp {
  return new RegExp(`(?:${RegExp.escape(head)}${inside}${RegExp.escape(tail)}){1,30}`, "y")
}

function skimTexts(texts: RegExp, bytes: string, from: number): number {
  let position = from
  for (let end = -1; end !== position;) {
    end = position
    position = endOfMatch(texts, bytes, position)
  }
  return position
}

/** @returns `from` where nothing matches there */
function endOfMatch(sticky: RegExp, text: string, from: number): number {
  sticky.lastIndex = from
  return sticky.test(text) ? sticky.lastIndex : from
}

function skimAnything(bytes: string, from: number, head: string): number {
  // A CR may end a line as well, and a blank line with it.
  if (bytes.includes("\r", from)) return from
  let position = from
  while (bytes.startsWith(head, position)) {
    // The head may end with the first LF of the blank line.
    const at = bytes.indexOf(blankLine, position + head.length - 1)
    if (at === -1) break
    position = at + blankLine.length
  }
  return position
}
