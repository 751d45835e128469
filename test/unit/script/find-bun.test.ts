import { expect, test } from "bun:test"
import { findBun } from "../../../script/find-bun.mjs"

test("finds a Bun that runs", () => {
  const path = findBun()
  expect(path).toBeDefined()
  const { stdout } = Bun.spawnSync([path ?? "", "--version"])
  expect(stdout.toString().trim()).toMatch(/^1\.\d+\.\d+$/)
})
