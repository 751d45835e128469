import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { appendTo } from "../../../../src/cli/changes/edit-json.ts"
import { diffOf } from "../../../../src/cli/changes/file-change.ts"

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
