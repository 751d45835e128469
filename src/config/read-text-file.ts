import { lstatSync } from "node:fs"
import { lstat, open, stat } from "node:fs/promises"
import { text } from "../core/json-object.ts"

/** Bytes. OpenCode's own files may list hundreds of models. */
const byteLimit = 16_777_216

/** Gives `undefined` for a file that does not exist. */
export type ReadText = (path: string) => Promise<string | undefined>

/**
 * The reader of configuration files: UTF-8, never more than the limit, whatever the path turns out to be.
 *
 * @returns `undefined` when there is no such file.
 * @throws when it exists and cannot be read.
 */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    // Most files are not there, and OpenCode's start waits for the answer: another thread would take longer to give it.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
    // Asked before opening: opening a pipe waits for its writer, and a device never ends.
    const found = await stat(path)
    if (found.isDirectory()) throw new Error("it is a folder")
    if (!found.isFile()) throw new Error("not a regular file")
    await using file = await open(path, "r")
    // One byte at least: an empty buffer is refused.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(byteLimit, found.size + 1)))
    if (isUtf16(buffer)) throw new Error("it is UTF-16: save it as UTF-8")
    return buffer.toString("utf8", 0, bytesRead)
  } catch (error) {
    if (!isMissing(error)) throw error
    const found = await lstat(path).catch(() => undefined)
    if (found?.isSymbolicLink()) throw new Error("it is a broken symbolic link", { cause: error })
    return undefined
  }
}

/** As older shells of Windows write what is redirected into a file. */
function isUtf16([first, second]: Buffer): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

/** Whether there is nothing at a path, or a file in the place of one of its folders. */
export function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(text(error, "code") ?? "")
}

/** For the search of OpenCode's own files, each read once: one that cannot be read there is OpenCode's to report. */
export function quietReader(readFile: ReadText): ReadText {
  const known = new Map<string, Promise<string | undefined>>()
  return (path) => {
    const text =
      known.get(path) ??
      Promise.resolve(path)
        .then((file) => readFile(file))
        .catch(() => undefined)
    known.set(path, text)
    return text
  }
}
