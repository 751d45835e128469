import { afterEach, beforeEach, describe, expect, mock, spyOn, test } from "bun:test"
import { isRunCommand } from "../../../../src/opencode/v1/host/run-command.ts"
import { createOpenCodeHost } from "../../../../src/opencode/v1/opencode-host.ts"

type Client = Parameters<typeof createOpenCodeHost>[0]

const models = { providers: [{ id: "a", models: { own: {} } }] }

/** What OpenCode is asked for; what it answers can be changed. */
function setUp() {
  const calls: unknown[] = []
  const answers: { refuses: boolean; models: unknown } = { refuses: false, models }
  let time = 1_000_000
  const call = (name: string) => (request: unknown) => {
    calls.push([name, request])
    return answers.refuses ? Promise.resolve({ error: { name: "NotFoundError" } }) : Promise.resolve({})
  }
  const client = {
    app: { log: call("log") },
    session: {
      summarize: call("summarize"),
      abort: call("abort"),
      get: ({ path }: { path: { id: string } }) =>
        Promise.resolve({ data: path.id === "ses_child" ? { parentID: "ses_1" } : {} }),
    },
    config: {
      providers: () => {
        calls.push(["providers"])
        return answers.models instanceof Error
          ? Promise.reject(answers.models)
          : Promise.resolve({ data: answers.models })
      },
    },
    tui: { showToast: call("toast") },
  }
  const host = createOpenCodeHost(client as unknown as Client, () => time)
  return { host, calls, answers, pass: (ms: number) => void (time += ms) }
}

const lines = (calls: readonly unknown[]): readonly unknown[] =>
  calls.map((made) => {
    const [, { body }] = made as [string, { body: { level: string; message: string } }]
    return [body.level, body.message]
  })

describe("the log", () => {
  test("keeps what is said before OpenCode takes calls, up to a bound, in its order", () => {
    const { host, calls } = setUp()
    for (let count = 0; count < 250; count += 1) host.log("info", `line ${count}`)
    expect(calls).toEqual([])
    host.isUp()
    expect(calls).toHaveLength(200)
    expect(lines(calls)[0]).toEqual(["info", "Understudy: line 0"])
    host.isUp()
    host.log("warn", "at once")
    expect(lines(calls).slice(200)).toEqual([["warn", "Understudy: at once"]])
  })

  test("names us once", () => {
    const { host, calls } = setUp()
    host.isUp()
    host.log("info", "Understudy is on")
    expect(lines(calls)).toEqual([["info", "Understudy is on"]])
  })

  test.each([
    [undefined, ["info", "warn", "error"]],
    ["debug", ["debug", "info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
  ] as const)("is written from the level on that is asked for: %p", (level, written) => {
    const { host, calls } = setUp()
    if (level) host.configure({ log_level: level, notify_on_fallback: true })
    host.isUp()
    for (const each of ["debug", "info", "warn", "error"] as const) host.log(each, "line")
    expect(lines(calls).map((line) => (line as string[])[0])).toEqual([...written] as never)
  })
})

describe("the list of models", () => {
  const asked = (calls: readonly unknown[]): number => calls.length

  test("reckons with what OpenCode's configuration says of compaction", async () => {
    const { host, answers } = setUp()
    answers.models = { providers: [{ id: "a", models: { own: { limit: { context: 100_000 } } } }] }
    expect(host.sumsUp()).toBe(true)
    host.noteCompaction({ auto: false })
    expect(host.sumsUp()).toBe(false)
    const catalog = await host.catalog()
    expect(catalog.known && catalog.models.get("a/own")).not.toHaveProperty("compactsAt")
  })

  test("is asked for once in five minutes", async () => {
    const { host, calls, pass } = setUp()
    expect((await host.catalog()).known).toBe(true)
    pass(299_999)
    expect((await host.catalog()).known).toBe(true)
    expect(asked(calls)).toBe(1)
    pass(1)
    await host.catalog()
    expect(asked(calls)).toBe(2)
  })

  test.each([
    ["fails", new Error("no")],
    ["is empty", {}],
  ])("is asked for again soon when the answer %s", async (_, answer) => {
    const { host, calls, answers, pass } = setUp()
    answers.models = answer
    expect(await host.catalog()).toEqual({ known: false })
    pass(1_999)
    await host.catalog()
    expect(asked(calls)).toBe(1)
    pass(1)
    answers.models = models
    expect((await host.catalog()).known).toBe(true)
    expect(asked(calls)).toBe(2)
  })
})

describe("a call", () => {
  test("says what is to be done", async () => {
    const { host, calls } = setUp()
    await host.summarize("ses_1", "a/own", true)
    await host.abort("ses_1")
    expect(calls).toEqual([
      ["summarize", { path: { id: "ses_1" }, body: { providerID: "a", modelID: "own", auto: true } }],
      ["abort", { path: { id: "ses_1" } }],
    ])
  })

  test("that OpenCode refuses is an error", async () => {
    const { host, answers } = setUp()
    answers.refuses = true
    expect(await host.summarize("ses_1", "a/own", true).catch(String)).toContain("compact the session")
    expect(await host.abort("ses_1").catch(String)).toContain("abort the session")
  })
})

describe("a toast", () => {
  const toast = { title: "Understudy", message: "a/own is away", variant: "warning", durationMs: 8 } as const
  const { argv } = process
  let written: string[] = []
  beforeEach(() => {
    written = []
    spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0)
  })
  afterEach(() => {
    mock.restore()
    process.argv = argv
  })

  test("is shown by OpenCode", async () => {
    const { host, calls } = setUp()
    await host.toast(toast)
    const body = { title: "Understudy", message: "a/own is away", variant: "warning", duration: 8 }
    expect(calls).toEqual([["toast", { body }]])
    expect(written).toEqual([])
  })

  test("is not shown where none are wanted, in `opencode run` neither", async () => {
    const { host, calls } = setUp()
    host.configure({ log_level: "info", notify_on_fallback: false })
    await host.toast(toast)
    process.argv = ["opencode", "index.js", "run", "hi"]
    await host.toast(toast)
    expect([calls, written]).toEqual([[], []])
  })

  test("that cannot be shown is logged", async () => {
    const { host, calls, answers } = setUp()
    host.isUp()
    answers.refuses = true
    await host.toast(toast)
    expect(lines(calls.slice(1))).toEqual([
      [
        "warn",
        expect.stringContaining(
          "the toast could not be shown: SessionGoneError: OpenCode refused to show the toast",
        ),
      ],
    ])
  })

  test.each(["run", "github"])("is a line on standard error in `opencode %s`", async (command) => {
    const { host, calls } = setUp()
    process.argv = ["opencode", "index.js", command, "run"]
    await host.toast(toast)
    await host.toast({ ...toast, message: "a/own is away. b/1 is away", line: "b/1 is away" })
    expect(written).toEqual(["understudy: a/own is away\n", "understudy: b/1 is away\n"])
    expect(calls).toEqual([])
  })

  type Ended = (host: ReturnType<typeof setUp>["host"], sessionID: string) => Promise<unknown>
  test.each<[string, Ended]>([
    ["ends", (host, sessionID) => host.abort(sessionID)],
    [
      "is replayed",
      (host, sessionID) =>
        host.replay({ sessionID, messageID: "msg_1" }, { model: "b/1" }).then(
          () => expect.unreachable(),
          (error: unknown) => expect(String(error)).toContain("no longer"),
        ),
    ],
  ])(
    "is the last one in `opencode run` where its turn %s, which is a failure; not in a subagent's",
    async (_, end) => {
      const { host } = setUp()
      const { exitCode } = process
      process.argv = ["opencode", "index.js", "run", "hi"]
      await end(host, "ses_child")
      expect([written, process.exitCode]).toEqual([[], exitCode])
      await end(host, "ses_own")
      expect(process.exitCode).toBe(1)
      await host.toast(toast)
      expect(written).toEqual([expect.stringContaining("opencode run ends without an answer")])
      process.exitCode = exitCode ?? 0
    },
  )

  test.each([
    [["run", "hi"], true],
    [["--print-logs", "run"], true],
    [["--log-level", "DEBUG", "-m", "a/b", "run"], true],
    [["github", "run"], false],
    [["serve"], false],
    [["serve", "run"], false],
    [[], false],
  ])("`opencode %p` runs one prompt: %p", (more, expected) => {
    expect(isRunCommand(["opencode", "index.js", ...more])).toBe(expected)
  })
})
