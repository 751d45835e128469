import { afterEach, beforeEach, describe, expect, jest, spyOn, test } from "bun:test"
import { linkRedis, reasonWithoutPassword } from "../../../src/store/redis-link.ts"
import { pass, refused, settle, silence, simulatedRedis } from "./simulated-redis.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

function world(options: { readonly tls?: Bun.TLSOptions; readonly random?: number } = {}) {
  const { server, clients, newClient, newest } = simulatedRedis()
  const logged: string[] = []
  const seen: string[] = []
  const link = (): ReturnType<typeof linkRedis> =>
    linkRedis({
      url: "redis://:s3cret@host",
      ...(options.tls ? { tls: options.tls } : {}),
      newClient,
      random: () => options.random ?? 0,
      log: (level, message) => logged.push(`${level}: ${message}`),
      onUp: async (send) => {
        seen.push("up")
        await send("LOAD", [])
      },
      onReady: () => {},
      onDown: () => seen.push("down"),
      onMessage: (text) => seen.push(text),
    })
  return { server, clients, logged, seen, link, newest }
}

describe("a link to a server", () => {
  test("is subscribed before the state is read, and is used only once all of that is done", async () => {
    const { link, newest, seen, server, logged } = world()
    const loading = Promise.withResolvers<void>()
    server["LOAD"] = () => loading.promise
    const { send } = link()
    await settle()
    const [commands, subscriber] = newest()
    expect(subscriber.calls.slice(1)).toEqual(["connect", "subscribe understudy:1:changes"])
    expect(commands.calls.slice(1)).toEqual(["connect", "LOAD"])
    expect(send()).toBeUndefined()
    loading.resolve()
    await settle()
    await send()?.("GET", ["a"])
    expect(commands.calls.at(-1)).toBe("GET a")
    expect([seen, logged]).toEqual([["up"], []])
  })

  test("is encrypted as the options say", () => {
    const tls = { rejectUnauthorized: true }
    const { link, clients } = world({ tls })
    link()
    expect(clients.map((client) => client.tls)).toEqual([tls, tls])
  })

  test("that cannot be made is tried again after pauses that double up to 30 s, and said once", async () => {
    const { link, clients, server, seen, logged } = world()
    server["connect"] = refused
    link()
    await settle()
    const pauses = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    for (const [index, pauseMs] of pauses.entries()) {
      expect(clients).toHaveLength(2 * (index + 1))
      await pass(pauseMs - 1)
      expect(clients).toHaveLength(2 * (index + 1))
      await pass(1)
    }
    expect(seen).toEqual(Array.from({ length: pauses.length + 1 }, () => "down"))
    expect(logged).toEqual([expect.stringMatching(/^warn: store redis:\/\/\*\*\*@host: not reachable/)])
  })

  test("is tried again up to a fifth later, so that not all machines come at once", async () => {
    const { link, clients, server } = world({ random: 0.5 })
    server["connect"] = refused
    link()
    await settle()
    await pass(274)
    expect(clients).toHaveLength(2)
    await pass(1)
    expect(clients).toHaveLength(4)
  })

  test("that is back is said, and pauses and words begin anew at the next outage", async () => {
    const { link, clients, server, logged, newest } = world()
    server["connect"] = refused
    const { send } = link()
    await settle()
    await pass(250)
    delete server["connect"]
    await pass(500)
    expect(logged).toEqual([expect.stringContaining("warn"), expect.stringContaining("reachable again")])
    expect(send()).toBeDefined()
    newest()[1].onclose?.(new Error("Connection closed"))
    expect(send()).toBeUndefined()
    expect(clients).toHaveLength(6)
    server["connect"] = refused
    await pass(250)
    expect(clients).toHaveLength(8)
    expect(logged.slice(2)).toEqual([expect.stringContaining("warn")])
  })

  test("that breaks again and again, and is up at the next attempt, is not said", async () => {
    const { link, logged, newest } = world()
    const { send } = link()
    for (let round = 0; round < 10; round += 1) {
      await settle()
      expect(send()).toBeDefined()
      newest()[0].onclose?.(new Error("Connection closed"))
      expect(send()).toBeUndefined()
      await pass(250)
    }
    expect(logged).toEqual([])
  })

  test("that is lost is said once nobody gets it back, with the reason why it was lost", async () => {
    const { link, logged, newest, server } = world()
    link()
    await settle()
    server["connect"] = refused
    newest()[0].onclose?.(new Error("torn"))
    expect(logged).toEqual([])
    await pass(250)
    await pass(500)
    expect(logged).toEqual([expect.stringContaining("torn; continuing with what is known")])
  })

  test("is tried every 15 s, on both connections, and given up after 2 s of silence", async () => {
    const { link, newest, server, seen, logged, clients } = world()
    link()
    await settle()
    const pings = (): readonly number[] =>
      newest().map(({ calls }) => calls.filter((call) => call === "ping").length)
    await pass(14_999)
    expect(pings()).toEqual([0, 0])
    await pass(1)
    await pass(15_000)
    expect(pings()).toEqual([2, 2])
    server["ping"] = silence
    await pass(15_000)
    await pass(1_999)
    expect(seen).toEqual(["up"])
    await pass(1)
    expect(seen).toEqual(["up", "down"])
    server["connect"] = refused
    await pass(250)
    expect(clients).toHaveLength(4)
    expect(logged).toEqual([expect.stringContaining("no answer within 2000 ms")])
  })

  test("that its user finds broken is made anew, with neither of the old clients left", async () => {
    const { link, clients, seen } = world()
    const made = link()
    await settle()
    made.fail(new Error("broken"))
    made.fail(new Error("and again"))
    expect(seen).toEqual(["up", "down"])
    expect(jest.getTimerCount()).toBe(1)
    await settle()
    for (const { calls } of clients) expect(calls.at(-1)).toBe("close")
    expect(clients[1]?.calls).toContain("unsubscribe")
    // Late news of the clients that are gone.
    await pass(250)
    clients[0]?.onclose?.(new Error("closed"))
    expect(seen).toEqual(["up", "down", "up"])
    expect(clients).toHaveLength(4)
  })

  test("that is renewed leaves neither of the old clients behind, and nobody is told", async () => {
    const { link, clients, seen } = world()
    const made = link()
    await settle()
    made.renew()
    await settle()
    for (const { calls } of clients.slice(0, 2)) expect(calls.at(-1)).toBe("close")
    expect([clients.length, seen]).toEqual([4, ["up", "up"]])
  })

  test.each([0, 1] as const)("is down when either of its connections breaks: %i", async (index) => {
    const { link, newest, seen } = world()
    const { send } = link()
    await settle()
    newest()[index].onclose?.(new Error("Connection closed"))
    expect([seen, send()]).toEqual([["up", "down"], undefined])
  })

  test("that breaks while it is tried is made anew, whatever the late answer says", async () => {
    const { link, clients, server } = world()
    const { fail } = link()
    await settle()
    const answer = Promise.withResolvers<void>()
    server["ping"] = () => answer.promise
    await pass(15_000)
    fail(new Error("broken"))
    answer.resolve()
    await settle()
    await pass(250)
    expect(clients).toHaveLength(4)
  })

  test("that is closed while it connects leaves no client and no attempt behind", async () => {
    const { link, clients, server, seen, logged } = world()
    const connecting = Promise.withResolvers<void>()
    server["connect"] = () => connecting.promise
    link().close()
    for (const client of clients) expect(client.calls).not.toContain("close")
    for (const client of clients) client.onconnect?.()
    for (const client of clients) expect(client.calls.at(-1)).toBe("close")
    connecting.reject(new Error("Connection closed"))
    await settle()
    await pass(60_000)
    expect([clients.length, seen, logged]).toEqual([2, [], []])
    expect(clients[1]?.calls).not.toContain("unsubscribe")
  })

  test("that is closed while it reads the state stays closed", async () => {
    const { link, server, logged } = world()
    const loading = Promise.withResolvers<void>()
    server["LOAD"] = () => loading.promise
    const made = link()
    await settle()
    made.close()
    loading.resolve()
    await settle()
    expect([made.send(), logged, jest.getTimerCount()]).toEqual([undefined, [], 0])
  })

  test("that is closed during a pause is not tried again", async () => {
    const { link, server } = world()
    server["connect"] = refused
    const made = link()
    await settle()
    expect(jest.getTimerCount()).toBe(1)
    made.close()
    expect(jest.getTimerCount()).toBe(0)
  })

  test("keeps no process alive with its timers", async () => {
    const timers = spyOn(globalThis, "setTimeout")
    const { link, server } = world()
    server["ping"] = silence
    link()
    await settle()
    const newestHasRef = (): boolean => {
      const newest = timers.mock.results.at(-1)?.value as ReturnType<typeof setTimeout>
      return newest.hasRef()
    }
    // Until the next pulse, for the answer to it, until the next attempt.
    expect(newestHasRef()).toBe(false)
    await pass(15_000)
    expect(newestHasRef()).toBe(false)
    await pass(2_000)
    expect(newestHasRef()).toBe(false)
    timers.mockRestore()
  })
})

describe("why a server is away", () => {
  const rows: readonly (readonly [unknown, string, string])[] = [
    [
      new Error("Connection closed"),
      "redis://host",
      "not reachable, or it refused the user, password or certificate",
    ],
    [new Error("ERR AUTH p%40ss or p@ss"), "redis://u:p%40ss@host", "ERR AUTH *** or ***"],
    [new Error("ERR AUTH 100%"), "redis://:100%@host", "ERR AUTH ***"],
    [new Error("ERR no"), "redis://host", "ERR no"],
    ["torn", "not a URL", "torn"],
    [
      new Error(`READONLY You can't write. script: ${"5ec3ab24e8".repeat(4)}, on @user_script:4.`),
      "redis://host",
      "READONLY You can't write",
    ],
  ]
  test.each(rows)("%s of %s: %s", (error, url, reason) => {
    expect(reasonWithoutPassword(error, url)).toBe(reason)
  })
})
