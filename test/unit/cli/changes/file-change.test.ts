import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { chmod } from "node:fs/promises"
import { appendTo } from "../../../../src/cli/changes/edit-json.ts"
import { diffOf } from "../../../../src/cli/changes/file-change.ts"
import { scratch } from "../scratch-terminal.ts"

describe("the diff that people see", () => {
  const before = `{
  // my key sk-comment
  "provider": { "x": { "options": { "apiKey": "sk-1", "pin": 123456789 } } },
  "plugin": ["other"]
}
`

  test("shows what changes and the names around it, and no value beside it", () => {
    const after = appendTo(before, "plugin", "opencode-understudy")
    const diff = diffOf({ path: "/c/opencode.json", before, after })
    expect(diff).not.toMatch(/sk-|123456789/)
    expect(diff).toContain('   "provider": { "x": { "options": { "apiKey": "…", "pin": … } } },')
    expect(diff).toContain('+  "plugin": ["…", "opencode-understudy"]')
  })

  test("shows all of a file that is new", () => {
    const after = '{ "fallback_models": ["a/b"] }\n'
    expect(diffOf({ path: "/c/u.jsonc", before: undefined, after })).toContain(`+${after}`)
  })

  test("no text that was there before and stays is ever shown, on however few lines", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{9,20}$/)
    fc.assert(
      fc.property(secret, fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue()), (key, other) => {
        // Names of keys are shown, and such a name may happen to be the secret.
        fc.pre(!JSON.stringify(other).includes(key))
        const text = JSON.stringify({ ...other, zz: [key, { k: key }] })
        const diff = diffOf({ path: "/c/o.json", before: text, after: appendTo(text, "plugin", "x") })
        expect(diff).not.toContain(key)
      }),
    )
  })
})

test("a file that somebody has locked stays as it is, in a folder that can be written", async () => {
  await using home = await scratch({ "opencode.json": "{}" })
  const path = home.path("opencode.json")
  await chmod(path, 0o444)
  for (const folder of [home.home, home.path("~/.config"), home.path("")]) await chmod(folder, 0o777)
  // Root may write anything: the writing is done by a process that gives that up.
  const script = `
    const { writeAll } = await import(${JSON.stringify(import.meta.resolve("../../../../src/cli/changes/file-change.ts"))})
    if (process.getuid?.() === 0) process.setuid(65534)
    await writeAll([{ path: ${JSON.stringify(path)}, before: "{}", after: "new" }]).catch((error) => console.log(error.message))`
  const { stdout } = Bun.spawnSync([process.execPath, "-e", script])
  expect(stdout.toString()).toBe(`${path} could not be written: permission denied. Nothing was changed.\n`)
  expect(await home.text("opencode.json")).toBe("{}")
})
