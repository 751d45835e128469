import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
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
    const most = 16_777_216
    await writeFile(join(folder, "long"), "x".repeat(most + 1))
    expect((await readTextFile(join(folder, "long")))?.length).toBe(most)
  })

  test("a folder or a device is refused", async () => {
    expect(readTextFile(folder)).rejects.toThrow("it is a folder")
    expect(readTextFile("/dev/zero")).rejects.toThrow("not a regular file")
  })

  test.each([
    ["little", [0xff, 0xfe, 0x7b, 0, 0x7d, 0]],
    ["big", [0xfe, 0xff, 0, 0x7b, 0, 0x7d]],
  ])("UTF-16 (%s-endian) is named as such", async (name, bytes) => {
    await writeFile(join(folder, name), Uint8Array.from(bytes))
    expect(readTextFile(join(folder, name))).rejects.toThrow("it is UTF-16: save it as UTF-8")
  })

  test("a link whose file has gone is not taken for no file", async () => {
    await symlink(join(folder, "gone"), join(folder, "link"))
    expect(readTextFile(join(folder, "link"))).rejects.toThrow("it is a broken symbolic link")
  })
})
