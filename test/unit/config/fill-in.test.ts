import { expect, test } from "bun:test"
import { fillIn } from "../../../src/config/fill-in.ts"
import { scratch } from "../cli/scratch-terminal.ts"

test("{env:…} and {file:…} are filled in as OpenCode does it: in the text, before it is JSON", async () => {
  await using home = await scratch({ "note.txt": ' no "te" \n', "~/two.txt": "two\n" })
  const user = { home: home.home, directory: "/nowhere", env: { MODEL: "one", SNAPSHOT: "false" } }
  const text = `{
  // {file:commented-out}
  "model": "a/{env:MODEL}", "username": "x{env:UNSET}y", "snapshot": {env:SNAPSHOT},
  "instructions": ["{file:note.txt}", "{file:~/two.txt}", "{file:${home.home}/two.txt}"]
}`
  expect(await fillIn(text, home.path("opencode.json"), user)).toBe(`{
  // {file:commented-out}
  "model": "a/one", "username": "xy", "snapshot": false,
  "instructions": ["no \\"te\\"", "two", "two"]
}`)
})

test("of OPENCODE_CONFIG_CONTENT a file is looked for from the project on, wherever the process stands", async () => {
  await using home = await scratch({ "~/project/note.txt": "found" })
  const user = { home: home.home, env: {}, directory: home.project }
  expect(await fillIn('"{file:./note.txt}"', "OPENCODE_CONFIG_CONTENT", user)).toBe('"found"')
})
