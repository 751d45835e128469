/**
 * A second OpenCode process, as far as the store is concerned. `bun sqlite-process.ts FILE COUNT` adds COUNT
 * failures to one circuit (0: until it is killed) and prints the log lines it got and `done`.
 */
import { createSqliteStore } from "../../../src/store/sqlite-store.ts"
import { oneMoreFailure, sharedKey } from "./one-more-failure.ts"
import { journalEntry } from "./store-records.ts"

const [path = "", count = "0"] = process.argv.slice(2)
const most = count === "0" ? Infinity : Number(count)
const store = createSqliteStore({
  path,
  now: Date.now,
  log: (level, message) => console.log(`${level}: ${message}`),
})
console.log("ready")
for (let done = 0; done < most; done++) {
  store.updateCircuit(sharedKey, oneMoreFailure)
  store.appendJournal(journalEntry(Date.now()))
  // Lets the timer run that repeats what met a lock.
  await Bun.sleep(0)
}
// The store's own timers keep no process alive.
const alive = setInterval(() => undefined, 1_000)
await store.flushed()
clearInterval(alive)
await store.close()
console.log(`done ${store.name}`)
