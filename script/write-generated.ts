import { readFile, writeFile } from "node:fs/promises"

/** Writes a generated file, or with `isCheck` only compares it and sets the exit code to 1 when it is stale. */
export async function writeGenerated(file: {
  readonly path: string
  readonly text: string
  readonly isCheck: boolean
  /** What it is made from; the schema of the settings unless said otherwise. */
  readonly source?: string
  /** What makes it fresh. */
  readonly command: string
}): Promise<void> {
  const present = await readFile(file.path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  })
  if (present === file.text) return
  if (!file.isCheck) {
    await writeFile(file.path, file.text)
    console.log(`written: ${file.path}`)
    return
  }
  console.error(
    `stale: ${file.path} does not match ${file.source ?? "src/config/schema.ts"}. Run: ${file.command}`,
  )
  process.exitCode = 1
}
