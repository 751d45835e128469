import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { takenServicePort } from "../../../../src/cli/doctor/service-port.ts"

let home = ""
const taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() })
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "service-port-"))
})
afterAll(async () => {
  await taken.stop(true)
  await rm(home, { recursive: true })
})

test("the service's port is named where another program holds it, and not where it is free or this home's own", async () => {
  const settings = join(home, ".config/opencode/service.json")
  const registration = join(home, ".local/state/opencode/service.json")
  const found = (): Promise<number | undefined> => takenServicePort({ env: {}, home })
  await Bun.write(settings, JSON.stringify({ port: taken.port }))
  expect(await found()).toBe(taken.port)
  await Bun.write(registration, JSON.stringify({ url: `http://127.0.0.1:${taken.port}`, pid: 1 }))
  expect(await found()).toBeUndefined()
  await Bun.write(registration, JSON.stringify({ url: "http://127.0.0.1:1", pid: 1 }))
  expect(await found()).toBe(taken.port)
  const free = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() })
  await Bun.write(settings, JSON.stringify({ port: free.port }))
  await free.stop(true)
  expect(await found()).toBeUndefined()
})
