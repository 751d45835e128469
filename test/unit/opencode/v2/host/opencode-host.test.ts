import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Toast } from "../../../../../src/host/host.ts"
import { createOpenCodeHost, type OpenCodeHost } from "../../../../../src/opencode/v2/host/opencode-host.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "understudy-port-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Answer = readonly object[] | Error | Promise<readonly object[]>

function port(
  answers: Answer[],
  logFile = join(folder, "unused.log"),
): OpenCodeHost & { readonly asked: () => number } {
  let asked = 0
  const list = async (): Promise<unknown> => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? []
    asked += 1
    if (answer instanceof Error) throw answer
    return { data: await answer }
  }
  const context = { model: { list, default: () => Promise.resolve({}) } }
  const toast = (): Promise<void> => Promise.resolve()
  return { ...createOpenCodeHost({ context, logFile, toast }), asked: () => asked }
}

const model = { id: "1", providerID: "a" }

describe("the catalog", () => {
  test("is not known before OpenCode is up, and is not asked for", async () => {
    const host = port([[model]])
    expect(await host.catalog()).toEqual({ known: false })
    expect(host.asked()).toBe(0)
    host.isUp()
    expect((await host.catalog()).known).toBe(true)
  })

  test("is known before anybody was asked where it holds the model that a client has named, to that answer alone", async () => {
    const later = { ...model, id: "later" }
    const host = port([new Error("not now"), [{ ...model, id: "free" }], [model], [model, later]])
    for (const known of [false, false, true]) {
      expect((await host.listing("a/1", host.catalog)).known).toBe(known)
      expect((await host.catalog()).known).toBe(false)
    }
    host.isUp()
    const listed = await host.listing("a/1", host.catalog)
    expect(listed.known && [...listed.models.keys()]).toEqual(["a/1", "a/later"])
  })

  test("is asked for once, until it is forgotten", async () => {
    const host = port([[model]])
    host.isUp()
    await Promise.all([host.catalog(), host.catalog()])
    await host.catalog()
    expect(host.asked()).toBe(1)
    host.forgetCatalog()
    await host.catalog()
    expect(host.asked()).toBe(2)
  })

  test("says of a model that was seen not to take a PDF that it cannot read one", async () => {
    const host = port([[model, { ...model, id: "2" }]])
    host.isUp()
    await host.catalog()
    host.noteWithoutPdf("a/1")
    const known = await host.catalog()
    const pdf = known.known && [...known.models].map(([key, { pdf, images }]) => [key, pdf, images])
    expect(pdf).toEqual([
      ["a/1", false, true],
      ["a/2", true, true],
    ])
  })

  test("is asked for again after no answer, and after an empty one", async () => {
    const host = port([new Error("not now"), [], [model]])
    host.isUp()
    expect(await host.catalog()).toEqual({ known: false })
    expect(await host.catalog()).toEqual({ known: false })
    expect((await host.catalog()).known).toBe(true)
  })

  test("is not asked for again because an older question, since forgotten, has come to nothing", async () => {
    const late = Promise.withResolvers<readonly object[]>()
    const host = port([late.promise, [model]])
    host.isUp()
    const old = host.catalog()
    host.forgetCatalog()
    const current = host.catalog()
    late.resolve([])
    expect([(await old).known, (await current).known]).toEqual([false, true])
    await host.catalog()
    expect(host.asked()).toBe(2)
  })

  test("says of a model what OpenCode says; what is not said counts as possible", async () => {
    const day = Date.UTC(2026, 1, 3)
    const full = {
      id: "2",
      providerID: "b",
      name: "Two",
      time: { released: day },
      capabilities: { tools: false, input: ["text", "pdf"] },
      limit: { context: 400, input: 200 },
      cost: [{ input: 0, output: 2 }],
      variants: [{ id: "low" }, { id: "high" }],
    }
    const host = port([
      [model, full, { ...model, id: "3", time: { released: 0 }, capabilities: { input: ["image"] } }],
    ])
    host.isUp()
    const catalog = await host.catalog()
    expect(catalog).toMatchObject({ known: true, providers: new Set(["a", "b"]) })
    expect(catalog.known && Object.fromEntries(catalog.models)).toStrictEqual({
      "a/1": { images: true, pdf: true, toolCalls: true, contextTokens: 0 },
      "b/2": {
        name: "Two",
        releaseDate: "2026-02-03",
        variants: ["low", "high"],
        images: false,
        pdf: true,
        toolCalls: false,
        contextTokens: 200,
        compactsAt: 0,
        isPaidByToken: true,
      },
      "a/3": { images: true, pdf: false, toolCalls: true, contextTokens: 0 },
    })
  })
})

test("toasts are shown until the settings say that none are wanted", async () => {
  const shown: string[] = []
  const toast = async ({ message }: Toast): Promise<void> => void shown.push(message)
  const context = { model: { list: () => Promise.resolve({}), default: () => Promise.resolve({}) } }
  const host = createOpenCodeHost({ context, logFile: join(folder, "unused.log"), toast })
  const said = { title: "Understudy", variant: "info", durationMs: 1 } as const
  await host.toast({ ...said, message: "first" })
  host.configure({ log_level: "info", notify_on_fallback: false })
  await host.toast({ ...said, message: "second" })
  expect(shown).toEqual(["first"])
})

describe("the log", () => {
  test("is a file of its own, in a folder that is made, from the level on that is set", async () => {
    const file = join(folder, "deep/er/own.log")
    const host = port([], file)
    host.log("debug", "too small")
    host.log("info", "first")
    host.configure({ log_level: "error", notify_on_fallback: true })
    host.log("warn", "too small now")
    host.log("error", "last")
    await host.flushed()
    const lines = (await Bun.file(file).text()).split("\n")
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\S+Z INFO Understudy: first$/)
    expect(lines[1]).toMatch(/ERROR Understudy: last$/)
  })

  test("is put aside once it is long, and one that cannot be written costs nothing", async () => {
    const file = join(folder, "long.log")
    await Bun.write(file, "x".repeat(1_048_576))
    await port([], file).flushed()
    expect(Bun.file(file).size).toBe(1_048_576)
    await Bun.write(file, "x".repeat(1_048_577))
    const host = port([], file)
    host.log("info", "new")
    await host.flushed()
    expect((await Bun.file(file).text()).length).toBeLessThan(200)
    expect(Bun.file(`${file}.1`).size).toBe(1_048_577)
    // While OpenCode runs as well: a service does so for months.
    await Bun.write(file, "y".repeat(1_048_577))
    host.log("warn", "later")
    await host.flushed()
    expect(await Bun.file(file).text()).toEndWith("Understudy: later\n")
    expect(Bun.file(file).size).toBeLessThan(100)
    const short = port([], file)
    short.log("info", "more")
    await short.flushed()
    expect((await Bun.file(file).text()).split("\n")).toHaveLength(3)

    // One that cannot be put aside grows on.
    const held = join(folder, "held.log")
    await Bun.write(held, "x".repeat(1_048_577))
    await Bun.write(join(`${held}.1`, "in-the-way"), "")
    const kept = port([], held)
    kept.log("warn", "all the same")
    await kept.flushed()
    expect(await Bun.file(held).text()).toEndWith("Understudy: all the same\n")

    const nowhere = port([], join(file, "is/no/folder.log"))
    nowhere.log("error", "lost")
    await nowhere.flushed()
  })
})

test("a log that cannot be written costs nobody anything, whether a line was logged or not", async () => {
  const file = join(folder, "a-file")
  await Bun.write(file, "")
  await port([], join(file, "folder/opencode-2.log")).flushed()
  const host = port([], join(file, "folder/opencode-2.log"))
  host.log("info", "a line")
  await host.flushed()
})
