import type { Alike, WireReader } from "./wire-types.ts"

const quote = 0x22
const backslash = 0x5c
const firstPrintable = 0x20
const blankLine = "\n\n"

/** Equal to `frame` but for the inside of the JSON string that begins behind the first match of `begin`. */
export function alikeButForText(frame: string, begin: RegExp): Alike | undefined {
  const head = upTo(frame, begin)
  const end = head === undefined ? -1 : endOfText(frame, head.length)
  return head === undefined || end === -1 ? undefined : { between: "text", head, tail: frame.slice(end) }
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
  #inVain = 0

  get isKnown(): boolean {
    return this.#alike !== undefined
  }

  /** @param frame one that was just read and passed on for its content */
  learn(reader: WireReader, frame: string): void {
    if (this.#inVain > mostInVain) return
    this.#inVain += 1
    this.#alike = this.#inVain > mostInVain ? undefined : (reader.alike?.(frame) ?? this.#alike)
  }

  /**
   * Where the frames end that stand at `from`, one behind the other, and need not be read.
   *
   * @param bytes one character a byte; a frame begins at `from`
   * @returns `from` where there are none
   */
  skim(bytes: string, from: number): number {
    if (this.#alike === undefined) return from
    const end = skim(bytes, from, this.#alike)
    if (end > from) this.#inVain = 0
    return end
  }
}

/** Behind the next blank line; the end of the bytes when there is none. */
export function afterBlankLine(bytes: string, from: number): number {
  const at = bytes.indexOf(blankLine, from)
  return at === -1 ? bytes.length : at + blankLine.length
}

function skim(bytes: string, from: number, alike: Alike): number {
  // A CR may end a line as well, and a blank line with it.
  if (alike.between === "anything" && bytes.includes("\r", from)) return from
  let position = from
  while (bytes.startsWith(alike.head, position)) {
    const end = endOfFrame(bytes, position + alike.head.length, alike)
    if (end === -1) break
    position = end
  }
  return position
}

/** @param behindHead where the head ends; -1 where the frame is another or not whole */
function endOfFrame(bytes: string, behindHead: number, alike: Alike): number {
  if (alike.between === "text") {
    const end = endOfText(bytes, behindHead)
    return end !== -1 && bytes.startsWith(alike.tail, end) ? end + alike.tail.length : -1
  }
  // The head may end with the first LF of the blank line.
  const at = bytes.indexOf(blankLine, behindHead - 1)
  return at === -1 ? -1 : at + blankLine.length
}

/** The closing quote of the JSON string whose inside begins at `from`; -1 where it is none, or empty. */
function endOfText(text: string, from: number): number {
  let isEscaped = false
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < firstPrintable) return -1
    if (isEscaped) isEscaped = false
    else if (code === quote) return at === from ? -1 : at
    else isEscaped = code === backslash
  }
  return -1
}
