import { expect, test } from "bun:test"
import { version } from "../../../../package.json"
import { scratch } from "../scratch-terminal.ts"

test("without a registry update says so and changes nothing; --to needs none", async () => {
  const before = '{ "plugin": ["opencode-understudy@0.1.0"] }\n'
  const registry = "http://127.0.0.1:9/"
  await using home = await scratch({ "opencode.json": before }, { env: { npm_config_registry: registry } })
  const failed = await home.run("update", "--yes")
  expect(failed.exitCode).toBe(3)
  expect(failed.said).toBe(
    `The newest version is not known: 127.0.0.1:9 could not be asked: the connection was refused. Name one with --to VERSION; this command is ${version}.`,
  )
  expect(await home.text("opencode.json")).toBe(before)
  expect((await home.run("update", "--yes", "--to", "0.2.0")).exitCode).toBe(0)
  expect(await home.text("opencode.json")).toBe(before.replace("0.1.0", "0.2.0"))
})
