import { describe, expect, jest, spyOn, test } from "bun:test"
import { join } from "node:path"
import { createOnSwitch, type SwitchEvent, notifyingStore } from "../../../src/notify/on-switch.ts"
import { type RunHook, runHook } from "../../../src/notify/run-hook.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"

const at = Date.parse("2026-11-25T12:00:00Z")
const switched: SwitchEvent = {
  at,
  sessionID: "ses_1",
  event: "switched",
  from: "a/one",
  to: "b/two",
  kind: "rate_limit",
  durationMs: 12,
}

/** A command that ends when the test says so. */
function startOnSwitch() {
  const started: { readonly document: unknown; readonly end: (problem?: string) => void }[] = []
  const logs: string[] = []
  const run: RunHook = ({ input }) => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    started.push({ document: JSON.parse(input), end: resolve })
    return promise
  }
  const onSwitch = createOnSwitch({ command: ["tell"], log: (_, text) => void logs.push(text), run })
  return { ...onSwitch, started, logs }
}

describe("the document on standard input", () => {
  test.each<[SwitchEvent, Readonly<Record<string, unknown>>]>([
    [
      switched,
      {
        event: "switched",
        at: "2026-11-25T12:00:00.000Z",
        sessionID: "ses_1",
        kind: "rate_limit",
        message: "a/one: rate limit reached. Continuing with b/two.",
        from: "a/one",
        to: "b/two",
        durationMs: 12,
        detail: null,
      },
    ],
    [
      { at, sessionID: "ses_1", event: "switched", from: "a/one", to: "b/two", cause: "held by hand" },
      {
        event: "switched",
        at: "2026-11-25T12:00:00.000Z",
        sessionID: "ses_1",
        kind: null,
        message: "a/one: held by hand. Continuing with b/two.",
        from: "a/one",
        to: "b/two",
        durationMs: null,
        detail: null,
      },
    ],
    [
      { at, sessionID: "ses_1", event: "returned", from: "b/two", to: "a/one" },
      {
        event: "returned",
        at: "2026-11-25T12:00:00.000Z",
        sessionID: "ses_1",
        kind: null,
        message: "a/one is back in use.",
        from: "b/two",
        to: "a/one",
        durationMs: null,
        detail: null,
      },
    ],
    [
      { at, sessionID: "ses_1", event: "exhausted", from: "b/two", kind: "auth", detail: "c/three (held)" },
      {
        event: "exhausted",
        at: "2026-11-25T12:00:00.000Z",
        sessionID: "ses_1",
        kind: "auth",
        message: "b/two: key was rejected. No other model is left.",
        from: "b/two",
        to: null,
        durationMs: null,
        detail: "c/three (held)",
      },
    ],
    [
      { at, sessionID: "ses_1", event: "key_changed", provider: "a", fromKey: 1, toKey: 2, kind: "quota" },
      {
        event: "key_changed",
        at: "2026-11-25T12:00:00.000Z",
        sessionID: "ses_1",
        kind: "quota",
        message: "a, key 1: usage limit reached. Continuing with key 2.",
        provider: "a",
        fromKey: 1,
        toKey: 2,
      },
    ],
  ])("of %j", (news, document) => {
    const { notify, started } = startOnSwitch()
    notify(news)
    expect(started.map((one) => one.document)).toEqual([document])
  })

  test("what goes into the journal is told", () => {
    const { notify, started } = startOnSwitch()
    const store = createMemoryStore({ now: () => at })
    const notifying = notifyingStore(store, { notify })
    notifying.appendJournal({ at, sessionID: "ses_1", event: "switched", from: "a/one", to: "b/two" })
    expect(started).toHaveLength(1)
    expect(store.journal({ limit: 5 })).toHaveLength(1)
  })
})

test("four run at once, twenty wait, of more the oldest are dropped and one line says how many", async () => {
  const { notify, started, logs } = startOnSwitch()
  for (let index = 0; index < 40; index++) notify({ ...switched, sessionID: `ses_${index}` })
  expect(started).toHaveLength(4)
  const lines: number[] = []
  for (let index = 0; index < 24; index++) {
    started[index]?.end()
    await new Promise(setImmediate)
    lines.push(logs.length)
  }
  // Once nobody waits any more.
  expect(lines.indexOf(1)).toBe(20)
  expect(started).toHaveLength(24)
  const sessions = started.map(({ document }) => (document as { readonly sessionID: string }).sessionID)
  expect(sessions.slice(0, 4)).toEqual(["ses_0", "ses_1", "ses_2", "ses_3"])
  expect(sessions.slice(4)).toEqual(Array.from({ length: 20 }, (_, index) => `ses_${index + 20}`))
  expect(logs).toEqual(["on_switch: 16 events were dropped, because tell is too slow"])
})

test("a command that fails is one line in the log", async () => {
  const { notify, started, logs } = startOnSwitch()
  notify(switched)
  started[0]?.end("ended with exit code 3")
  await new Promise(setImmediate)
  expect(logs).toEqual(["on_switch: tell ended with exit code 3"])
})

describe("a real program", () => {
  const shell = (script: string, longestMs = 5_000) =>
    runHook({ command: ["/bin/sh", "-c", script], input: '{"a":1}\n', longestMs })
  const newPath = (): string =>
    `${process.env["TMPDIR"] ?? "/tmp"}/understudy-on-switch-${crypto.randomUUID()}`
  const ended = async (process: number): Promise<void> => {
    const state = (): string =>
      Bun.spawnSync(["ps", "-o", "stat=", "-p", String(process)])
        .stdout.toString()
        .trim()
    // Where nobody collects it a killed process stays on the list as `Z`.
    while (!/^(?:Z.*)?$/.test(state())) await Bun.sleep(20)
  }

  test("gets the document, and its arguments as they are", async () => {
    const path = newPath()
    const script = 'cat > "$1"; printf %s "$2" >> "$1"'
    const command = ["/bin/sh", "-c", script, "sh", path, "$(id) ; x"] as const
    expect(await runHook({ command: [...command], input: '{"a":1}\n', longestMs: 5_000 })).toBeUndefined()
    expect(await Bun.file(path).text()).toBe('{"a":1}\n$(id) ; x')
    await Bun.file(path).delete()
  })

  test("that does not read its input is no failure", async () => {
    expect(await shell("exit 0")).toBeUndefined()
    const input = "x".repeat(1_000_000)
    const command = ["/bin/sh", "-c", "exec <&-; exit 0"] as const
    expect(await runHook({ command: [...command], input, longestMs: 5_000 })).toBeUndefined()
  })

  test("that has ended is not killed later, when its number may be another's", async () => {
    jest.useFakeTimers()
    const kill = spyOn(process, "kill").mockReturnValue(true)
    try {
      expect(await shell("exit 0", 100)).toBeUndefined()
      jest.advanceTimersByTime(100)
      expect(kill).not.toHaveBeenCalled()
    } finally {
      kill.mockRestore()
      jest.useRealTimers()
    }
  })

  test("that fails says how", async () => {
    expect(await shell("exit 3")).toBe("ended with exit code 3")
  })

  test("that hangs is killed together with what it has started", async () => {
    const path = newPath()
    expect(await shell(`sleep 1000 & echo $! > ${path}; wait`, 200)).toMatch(/^took longer than 0.2 s/)
    const started = Number(await Bun.file(path).text())
    expect(started).toBeGreaterThan(1)
    await ended(started)
    await Bun.file(path).delete()
  })

  test("that hangs is killed also when OpenCode was killed before it", async () => {
    const path = newPath()
    const command = ["/bin/sh", "-c", `echo $$ > ${path}; sleep 1000 & wait`]
    const openCode = `
      import { runHook } from ${JSON.stringify(join(import.meta.dir, "../../../src/notify/run-hook.ts"))}
      void runHook({ command: ${JSON.stringify(command)}, input: "", longestMs: 1_000 })
      const started = () => Bun.file(${JSON.stringify(path)}).text().catch(() => "")
      while (!(await started()).endsWith("\\n")) await Bun.sleep(5)
      process.kill(process.pid, "SIGKILL")`
    expect(Bun.spawnSync([process.execPath, "-e", openCode]).signalCode).toBe("SIGKILL")
    const started = Number(await Bun.file(path).text())
    expect(started).toBeGreaterThan(1)
    await ended(started)
    await Bun.file(path).delete()
  })

  test("that is not there says so", async () => {
    const missing = runHook({ command: ["/no/such/program"], input: "", longestMs: 1_000 })
    expect(await missing).toBe("could not be started, or not all that it runs (exit code 127)")
  })
})
