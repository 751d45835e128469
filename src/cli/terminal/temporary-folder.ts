import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { reasonOf } from "../../config/reason-of.ts"
import type { Result } from "./result.ts"

/** A new folder that only we can read; whoever asks for it removes it. */
export async function makeTemporaryFolder(prefix: string): Promise<Result<string>> {
  try {
    return { ok: true, value: await mkdtemp(join(tmpdir(), prefix)) }
  } catch (error) {
    const variable = process.platform === "win32" ? "TEMP" : "TMPDIR"
    const why = `the folder for temporary files, ${tmpdir()}, cannot be used (${reasonOf(error)}): set ${variable}`
    return { ok: false, why }
  }
}
