import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** A `jsonc` block of a document that says, in its first line, which file it is: `// understudy.jsonc`. */
export type Snippet = {
  readonly document: string
  readonly line: number
  /** `undefined` where the first line names no file. */
  readonly file: string | undefined
  readonly text: string
}

export const root: string = join(import.meta.dir, "../../..")

/** Every document that people read, as paths from the root. */
export function documents(): readonly string[] {
  const within = (folder: string): readonly string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`)
  const atRoot = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
  return [...atRoot, ...within("docs"), ...within("docs/decisions")]
}

export function snippetsOf(document: string): readonly Snippet[] {
  const text = readFileSync(join(root, document), "utf8")
  return [...text.matchAll(/^( *)```jsonc\n([^]*?)^ *```$/gm)].map((match) => {
    const body = match[2] ?? ""
    return {
      document,
      line: text.slice(0, match.index).split("\n").length + 1,
      file: /^\s*\/\/ (?:\S*\/)?([\w.-]+\.jsonc?)\b/.exec(body)?.[1],
      text: body,
    }
  })
}
