import { expect, test } from "bun:test"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readYaml } from "../../../../src/cli/opencode/read-yaml.ts"

test("front matter is read without standing in a list of processes, however long it is, and runs nothing of the project", async () => {
  const folder = await mkdtemp(join(tmpdir(), "yaml-"))
  try {
    const seen = join(folder, "arguments")
    const program = join(folder, "opencode")
    await Bun.write(program, `#!/bin/sh\necho "$@" > ${seen}\nexec ${process.execPath} "$@"\n`)
    await chmod(program, 0o755)
    await Bun.write(join(folder, "bunfig.toml"), 'preload = ["./evil.ts"]')
    await Bun.write(join(folder, "evil.ts"), 'await Bun.write("was-run", "")')
    // Longer than the 128 KiB that Linux lets an argument be.
    const long = `description: "${"x".repeat(200_000)}"`
    const place = { env: { PATH: process.env["PATH"] }, directory: folder }
    const read = await readYaml(program, ["name: private", "a: [", long], place)
    expect(read).toEqual([{ name: "private" }, null, { description: "x".repeat(200_000) }])
    expect(await Bun.file(seen).text()).not.toContain("private")
    expect(await Bun.file(join(folder, "was-run")).exists()).toBe(false)
  } finally {
    await rm(folder, { recursive: true })
  }
})
