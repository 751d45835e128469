import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createSqliteStore } from "../../../src/store/sqlite-store.ts"
import { storeContract } from "./store-contract.ts"

let folder: string | undefined

storeContract("sqlite", {
  shared: true,
  open(now) {
    folder ??= mkdtempSync(join(tmpdir(), "understudy-store-"))
    const log = (level: string, message: string) => {
      throw new Error(`nothing should be logged, but: ${level} ${message}`)
    }
    return Promise.resolve(createSqliteStore({ path: join(folder, "health.sqlite"), now, log }))
  },
  // No waiting: the promise is that the other process's next read sees it.
  settle: () => Promise.resolve(),
  cleanUp() {
    if (folder) rmSync(folder, { recursive: true, force: true })
    folder = undefined
    return Promise.resolve()
  },
})
