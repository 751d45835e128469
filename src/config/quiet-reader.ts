import type { ReadText } from "./read-text-file.ts"

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
