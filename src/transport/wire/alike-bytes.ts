import { partOf } from "../join-bytes.ts"
import { alikeFramesModule } from "./alike-frames.generated.ts"

type Bytes = Uint8Array<ArrayBuffer>

/** What stands around the text of such frames. An empty `tail`: they end with the next blank line, whatever it is. */
export type AlikeBytes = { readonly head: Bytes; readonly tail: Bytes }

/** How far frames were found to be alike. */
type Skimmed = {
  /** In the chunk; negative where not even the lead is such a frame. */
  readonly end: number
  /** There begins such a frame, of which the rest has not come. */
  readonly isCut: boolean
}

/** As alike-frames.wat has it. */
const tailAt = 0x8000
const bytesAt = 0x1_0000
/** So many bytes are looked at first: where the next frame is another one, they have been copied in vain. */
const leastBytes = 0x1000
/** A larger frame is read. */
const mostBytes = 0x1_0000

type Skim = (at: number, end: number, headLength: number, tailLength: number) => number
type Machine = { readonly memory: Uint8Array; readonly skim: Skim; compared?: AlikeBytes }

/**
 * One for the process: what is in its memory is of use during a call only. Made when there is use for it, in 0.5 ms;
 * `null` where WebAssembly is not to be had.
 */
let machine: Machine | null | undefined

/** Neither may be longer, in bytes. */
export const mostCompared = 0x4000

/** Skims the frames that begin with `lead`, and go on in the chunk at `from`. */
export function skimBytes(alike: AlikeBytes, chunk: Bytes, from: number, lead: Bytes): Skimmed {
  machine ??= createMachine()
  let at = from - lead.length
  if (!machine) return { end: at, isCut: false }
  const { memory, skim } = machine
  if (machine.compared !== alike) {
    memory.set(alike.head, 0)
    memory.set(alike.tail, tailAt)
    machine.compared = alike
  }
  for (let most = leastBytes; ; most = Math.min(most * 4, mostBytes)) {
    const ahead = Math.max(0, from - at)
    const to = Math.min(chunk.length, at + ahead + most)
    if (ahead > 0) memory.set(lead, bytesAt)
    memory.set(partOf(chunk, at + ahead, to), bytesAt + ahead)
    const end = skim(bytesAt, bytesAt + to - at, alike.head.length, alike.tail.length)
    const isCut = end < 0
    const passed = (isCut ? ~end : end) - bytesAt
    at += passed
    if (to === chunk.length) return { end: at, isCut }
    const isOther = isCut ? passed === 0 && most === mostBytes : at < to
    if (isOther) return { end: at, isCut: false }
  }
}

function createMachine(): Machine | null {
  try {
    const code = Uint8Array.from(Buffer.from(alikeFramesModule, "base64"))
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code))
    const { memory, skim } = exports as { memory: WebAssembly.Memory; skim: Skim }
    return { memory: new Uint8Array(memory.buffer), skim }
  } catch {
    return null
  }
}
