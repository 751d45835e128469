import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readTextFile } from "../../../src/config/read-text-file.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "understudy-"))
})
afterAll(() => rm(folder, { recursive: true }))

describe("readTextFile", () => {
  test.each([
    ["empty", ""],
    ["UTF-8", "héllo 世界"],
  ])("reads a file that is %s", async (name, text) => {
    await writeFile(join(folder, name), text)
    expect(await readTextFile(join(folder, name))).toBe(text)
  })

  test("a file that does not exist is no failure, nor one below a file", async () => {
    await writeFile(join(folder, "plain"), "x")
    expect(await readTextFile(join(folder, "none"))).toBeUndefined()
    expect(await readTextFile(join(folder, "plain", "below"))).toBeUndefined()
  })

  test("of a file that is too long it reads enough to tell, not all", async () => {
    await writeFile(join(folder, "long"), "x".repeat(2_000))
    expect((await readTextFile(join(folder, "long"), 1_000))?.length).toBe(1_000)
  })

  test("a folder or a device is refused", async () => {
    expect(readTextFile(folder)).rejects.toThrow("not a regular file")
    expect(readTextFile("/dev/zero")).rejects.toThrow("not a regular file")
  })
})
