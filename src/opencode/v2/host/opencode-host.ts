import { appendFile, mkdir, rename, stat } from "node:fs/promises"
import { dirname } from "node:path"
import type { Catalog } from "../../../core/catalog.ts"
import type { ModelKey } from "../../../core/model-ref.ts"
import { type Host, type HostSettings, isLogged, type LogLevel } from "../../../host/host.ts"
import type { Context } from "./context.ts"
import { readCatalog } from "./read-catalog.ts"

export type OpenCodeHost = ReturnType<typeof createOpenCodeHost>

type OpenCodeHostInput = {
  readonly context: Pick<Context, "model">
  /** OpenCode 2 gives plugins no log: this file is ours. */
  readonly logFile: string
  readonly toast: Host["toast"]
}

/** What we ask of OpenCode 2. */
export function createOpenCodeHost({ context, logFile, toast }: OpenCodeHostInput) {
  let minimum: LogLevel = "info"
  let showsToasts = true
  /** OpenCode waits for none of this. */
  let written: Promise<unknown> = Promise.resolve()
  let catalog: Promise<Catalog> | undefined
  let up = false
  /** What is listed before OpenCode is up, for as long as something is answered by it. */
  let early: Catalog = { known: false }
  const withoutPdf = new Set<ModelKey>()

  const forgetCatalog = (): void => {
    catalog = undefined
  }

  const host: Pick<Host, "catalog" | "log" | "toast"> = {
    toast: async (shown) => {
      if (showsToasts) await toast(shown)
    },
    log: (level, message) => {
      if (!isLogged(level, minimum)) return
      const line = `${new Date().toISOString()} ${level.toUpperCase()} Understudy: ${message}\n`
      // Nowhere is left to report that the log itself cannot be written.
      written = written
        .then(() => prepare(logFile))
        // A log that cannot be put aside, since another process holds it, is still written.
        .catch(() => undefined)
        .then(() => appendFile(logFile, line, { mode: 0o600 }))
        .catch(() => undefined)
    },
    catalog: () => {
      if (!up) return Promise.resolve(early)
      catalog ??= context.model
        .list()
        .then((answer) => readCatalog(answer, withoutPdf))
        .catch((): Catalog => ({ known: false }))
      const asked = catalog
      return asked.then((answer) => {
        // Not there yet, or not to be had: to be asked again.
        if (!answer.known && catalog === asked) catalog = undefined
        return answer
      })
    },
  }

  return {
    ...host,
    /** Until this is called the log begins with `info`, and all toasts are shown. */
    configure: ({ log_level, notify_on_fallback }: HostSettings): void => {
      minimum = log_level
      showsToasts = notify_on_fallback
    },
    /** Resolves when everything that was logged is on disk. */
    flushed: async (): Promise<void> => {
      await written
    },
    /**
     * OpenCode has read the user's configuration, which it does while it already takes prompts: before that its list
     * of models is another one.
     */
    isUp: (): void => {
      up = true
    },
    /**
     * Answers by the list of models, though nobody has been asked yet, where that holds a model that a client has named.
     * Of the others it may lack some still: nothing else goes by it.
     */
    listing: async <Answer>(model: ModelKey, answer: () => Promise<Answer>): Promise<Answer> => {
      const listed = await context.model.list().then(
        (answer) => readCatalog(answer),
        (): Catalog => ({ known: false }),
      )
      if (listed.known && listed.models.has(model)) early = listed
      return answer().finally(() => void (early = { known: false }))
    },
    /** The models may be others than before. */
    forgetCatalog,
    /** OpenCode cannot hand this model a PDF, whatever its list says. */
    noteWithoutPdf: (model: ModelKey): void => {
      withoutPdf.add(model)
      forgetCatalog()
    },
  }
}

/** Bytes; what is longer is put aside before the next line, so that two files are the most that is ever kept. */
const longestLog = 1_048_576

async function prepare(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const found = await stat(file).catch(() => undefined)
  if (found && found.size > longestLog) await rename(file, `${file}.1`)
}
