import { expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { thirdPartyNotices } from "../../../script/third-party-notices.ts"

const folder = await mkdtemp(join(tmpdir(), "understudy-notices-"))
async function put(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, "node_modules", name)
  for (const [file, text] of Object.entries(files)) await Bun.write(join(root, file), text)
  return join(root, "lib/index.js")
}

test("each bundled package stands there once, with its licence; our own files do not", async () => {
  const manifest = (name: string) => JSON.stringify({ name, version: "1.2.3", license: "MIT" })
  const inputs = [
    await put("b", { "package.json": manifest("b"), LICENSE: "Copyright B" }),
    await put("@scope/a", { "package.json": manifest("@scope/a"), "LICENSE-MIT.txt": "Copyright A" }),
    join(folder, "node_modules/b/other.js"),
    "src/index.ts",
  ]
  const notices = await thirdPartyNotices(inputs)
  expect(notices.match(/^\S+ 1\.2\.3 \(MIT\)$/gm)).toEqual(["@scope/a 1.2.3 (MIT)", "b 1.2.3 (MIT)"])
  expect(notices).toContain("Copyright A")
  expect(notices).toContain("Copyright B")
  await rm(folder, { recursive: true, force: true })
})

test("a package without a licence text stops the build", async () => {
  const input = await put("c", { "package.json": JSON.stringify({ name: "c", version: "1.0.0" }) })
  expect(thirdPartyNotices([input])).rejects.toThrow("c is bundled")
  await rm(folder, { recursive: true, force: true })
})
