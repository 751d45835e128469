import { RedisClient } from "bun"
import { afterEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import type { CircuitKey } from "../../../src/core/circuit.ts"
import { createRedisStore } from "../../../src/store/redis-store.ts"
import type { Store } from "../../../src/store/store.ts"
import { eventually } from "../../eventually.ts"
import { serverNotice, serverProgram, startServer, type TestServer } from "./redis-server.ts"
import { accountLimits, failure, journalEntry, noon, sessionRecord } from "./store-records.ts"

const opus: CircuitKey = "model:anthropic/claude-opus-4-5"
const withServer = test.skipIf(serverProgram === undefined)
const title = (promise: string): string => promise + serverNotice

let logged: string[] = []
const stores: Store[] = []
const servers: TestServer[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  await Promise.all(servers.splice(0).map((server) => server.stop()))
  logged = []
})

async function serve(extra: readonly string[] = []): Promise<TestServer> {
  const server = await startServer(extra)
  servers.push(server)
  return server
}

function open(url: string, tls?: Bun.TLSOptions): Store {
  const log = (level: string, message: string) => logged.push(`${level}: ${message}`)
  const store = createRedisStore({ url, now: () => noon, random: () => 0, log, ...(tls ? { tls } : {}) })
  stores.push(store)
  return store
}

async function client<Answer>(
  server: TestServer,
  use: (client: RedisClient) => Promise<Answer>,
): Promise<Answer> {
  const raw = new RedisClient(`redis://127.0.0.1:${server.port}`)
  try {
    return await use(raw)
  } finally {
    raw.close()
  }
}

/** A call that waits for the server waits for its time-out of 1.5 s at least; a busy machine takes less. */
const blockedMs = 1_400

/** The longest of 50 rounds of all that a request may ask of a store, milliseconds. */
function slowestRoundMs(store: Store): number {
  let slowest = 0
  for (let round = 0; round < 50; round++) {
    const started = performance.now()
    store.updateCircuit("model:a/outage", () => failure("model:a/outage", noon + round))
    store.circuit("model:a/outage")
    store.appendJournal(journalEntry(noon + round, "ses_outage"))
    store.saveSession(sessionRecord("ses_outage", noon + round))
    store.session("ses_outage")
    slowest = Math.max(slowest, performance.now() - started)
  }
  return slowest
}

describe("a server that cannot be reached", () => {
  test("ready comes all the same, nothing is delayed, and one line without the password says so", async () => {
    const url = "redis://user:s3cret%40word@127.0.0.1:1/0"
    const started = performance.now()
    const store = open(url)
    expect(slowestRoundMs(store)).toBeLessThan(blockedMs)
    await store.ready
    expect(performance.now() - started).toBeLessThan(10_000)
    await eventually(() => logged.length > 0)
    expect(slowestRoundMs(store)).toBeLessThan(blockedMs)
    expect(store.circuit("model:a/outage")).toEqual(failure("model:a/outage", noon + 49))
    expect(logged).toEqual([expect.stringContaining("redis://***@127.0.0.1:1/0: ")])
    expect(logged.join()).not.toMatch(/s3cret|@word|%40word/)
  })

  withServer(
    title("an outage in the middle: both sides go on, and know everything once it is over"),
    async () => {
      const server = await serve()
      const url = `redis://127.0.0.1:${server.port}`
      const [one, other] = [open(url), open(url)]
      await Promise.all([one.ready, other.ready])
      one.updateCircuit(opus, () => failure(opus, noon))
      await eventually(() => other.circuit(opus) !== undefined)

      await server.kill()
      expect(slowestRoundMs(one)).toBeLessThan(blockedMs)
      await eventually(() => logged.filter((line) => line.startsWith("warn")).length === 2)
      one.updateCircuit(opus, () => undefined)
      other.updateCircuit("provider:openai", () => failure("provider:openai", noon))
      expect(one.circuit("provider:openai")).toBeUndefined()

      await server.start()
      await eventually(
        () => other.circuit(opus) === undefined && one.circuit("provider:openai") !== undefined,
      )
      await eventually(
        () => other.session("ses_outage") !== undefined && other.journal({ limit: 99 }).length === 50,
      )
      await eventually(() => logged.length === 4)
      expect(logged.filter((line) => line.includes("reachable again")).length).toBe(2)
    },
    20_000,
  )

  withServer(
    title("a server that hangs delays nobody, and its silence is noticed"),
    async () => {
      const server = await serve()
      const store = open(`redis://127.0.0.1:${server.port}`)
      await store.ready
      server.pause()
      expect(slowestRoundMs(store)).toBeLessThan(blockedMs)
      await eventually(() => logged.length === 1)
      expect(logged[0]).toContain("no answer within")
      server.resume()
      await eventually(() => logged.length === 2)
      expect(logged[1]).toContain("reachable again")
    },
    20_000,
  )
})

describe("what the server holds", () => {
  withServer(title("a hold reaches the other machine, and its reset there ends it here"), async () => {
    const server = await serve()
    const url = `redis://127.0.0.1:${server.port}`
    const [one, other] = [open(url), open(url)]
    await Promise.all([one.ready, other.ready])
    const held = { ...failure(opus, noon), held: true } as const
    one.updateCircuit(opus, () => held)
    await eventually(() => other.circuit(opus)?.held === true)
    other.updateCircuit(opus, () => undefined)
    await eventually(() => one.circuit(opus) === undefined)
  })

  withServer(title("each kind of news reaches the other machine by itself"), async () => {
    const server = await serve()
    const url = `redis://127.0.0.1:${server.port}`
    const [one, other] = [open(url), open(url)]
    await Promise.all([one.ready, other.ready])
    one.saveSession(sessionRecord("ses_1", noon))
    await eventually(() => other.session("ses_1") !== undefined)
    one.forgetSession("ses_1")
    await eventually(() => other.session("ses_1") === undefined)
    one.saveLimits(accountLimits("acme", noon))
    await eventually(() => other.limits().length === 1)
    one.appendJournal(journalEntry(noon))
    await eventually(() => other.journal({ limit: 5 }).length === 1)
  })

  withServer(title("that another machine has written unheard is taken over at the next write"), async () => {
    const server = await serve()
    const one = open(`redis://127.0.0.1:${server.port}`)
    await one.ready
    const held = { ...failure(opus, noon - 1), held: true } as const
    const theirs = JSON.stringify({ at: noon - 1, revisedAt: noon - 1, record: held })
    await client(server, (raw) => raw.send("HSET", ["understudy:1:circuits", opus, theirs]))
    one.updateCircuit(opus, () => failure(opus, noon))
    await eventually(() => one.circuit(opus)?.held === true)
  })

  withServer(
    title("late news, its own and another's, changes nothing that a machine knows better"),
    async () => {
      const server = await serve()
      const one = open(`redis://127.0.0.1:${server.port}`)
      await one.ready
      one.saveSession(sessionRecord("ses_1", noon))
      one.appendJournal(journalEntry(noon))
      await one.flushed()
      await client(server, async (raw) => {
        const kept = String(await raw.send("ZRANGE", ["understudy:1:journal", "0", "-1"]))
        const from = /"id":"\d+-([^"]+)"/.exec(kept)?.[1]
        expect(from).toBeDefined()
        const tell = (news: object) => raw.publish("understudy:1:changes", JSON.stringify(news))
        await tell({ from, type: "forget", sessionID: "ses_1" })
        const older = { ...sessionRecord("ses_1", noon - 1), lent: "msg_old" }
        await tell({ from: "another", type: "session", record: older })
        await tell({ from: "another", type: "session", record: sessionRecord("ses_2", noon) })
      })
      await eventually(() => one.session("ses_2") !== undefined)
      expect(one.session("ses_1")).toEqual(sessionRecord("ses_1", noon))
    },
  )

  withServer(title("values that nobody can read are passed over and overwritten"), async () => {
    const server = await serve()
    await client(server, async (raw) => {
      await raw.send("HSET", [
        "understudy:1:circuits",
        opus,
        "\u0000 {broken",
        "elephant",
        "{}",
        "model:a/b",
        "7",
      ])
      await raw.send("HSET", ["understudy:1:sessions", "ses_1", "[]"])
      await raw.send("ZADD", ["understudy:1:journal", "1", "nonsense"])
    })
    const url = `redis://127.0.0.1:${server.port}`
    const one = open(url)
    await one.ready
    expect([one.circuits(), one.journal({ limit: 5 }), one.session("ses_1")]).toEqual([[], [], undefined])
    await client(server, (raw) =>
      raw.publish("understudy:1:changes", '{"type":"circuit","from":"x","key":1}'),
    )
    one.updateCircuit(opus, () => failure(opus, noon))
    await one.close()
    const later = open(url)
    await later.ready
    expect(later.circuit(opus)).toEqual(failure(opus, noon))
    expect(logged).toEqual([])
  })

  withServer(title("stays within the bounds, expires, and every key starts with understudy:1:"), async () => {
    const server = await serve()
    const store = open(`redis://127.0.0.1:${server.port}`)
    await store.ready
    for (let index = 0; index < 2_050; index++) {
      const key: CircuitKey = `model:a/${index}`
      store.updateCircuit(key, () => failure(key, noon + index))
      store.appendJournal(journalEntry(noon + index))
      store.saveSession(sessionRecord(`ses_${index}`, noon + index))
    }
    await client(server, async (raw) => {
      // The end waits only for a moment, whatever the machine is busy with; the journal is sent last.
      while ((await raw.send("ZCARD", ["understudy:1:journal"])) !== 1_000) await Bun.sleep(5)
      await store.close()
      expect(await raw.send("HLEN", ["understudy:1:circuits"])).toBeLessThanOrEqual(2_000)
      expect(await raw.send("HLEN", ["understudy:1:sessions"])).toBe(2_000)
      expect(await raw.send("ZCARD", ["understudy:1:journal"])).toBe(1_000)
      const keys: unknown = await raw.send("KEYS", ["*"])
      for (const key of Array.isArray(keys) ? keys.map(String) : []) {
        expect(key).toStartWith("understudy:1:")
        expect(await raw.send("PTTL", [key])).toBeGreaterThan(0)
      }
    })
  })
})

describe("a server that refuses to be written to", () => {
  withServer(title("is read all the same, and one line says so"), async () => {
    const server = await serve()
    const url = `redis://127.0.0.1:${server.port}`
    const one = open(url)
    await one.ready
    one.updateCircuit(opus, () => failure(opus, noon))
    await one.close()
    await client(server, (raw) => raw.send("REPLICAOF", ["127.0.0.1", "1"]))
    const later = open(url)
    later.updateCircuit("model:a/here", () => failure("model:a/here", noon))
    await later.ready
    expect(later.circuit(opus)).toEqual(failure(opus, noon))
    await eventually(() => logged.length === 1)
    const refused = (): Promise<unknown> =>
      client(server, async (raw) =>
        /cmdstat_eval.*/.exec(String(await raw.send("INFO", ["commandstats"])))?.toString(),
      )
    const before = await refused()
    later.updateCircuit("model:a/more", () => failure("model:a/more", noon))
    await later.flushed()
    expect(await refused()).toBe(before)
    expect(logged[0]).toContain("READONLY")
    expect(logged[0]).toContain("it is read but not written")
    // The subscription is still there, so that what others write is seen.
    const entry = { at: noon, revisedAt: noon, record: failure("model:a/told", noon) }
    const told = { from: "another", type: "circuit", key: "model:a/told", entry }
    await client(server, (raw) => raw.publish("understudy:1:changes", JSON.stringify(told)))
    await eventually(() => later.circuit("model:a/told") !== undefined)
    expect(logged).toHaveLength(1)
  })
})

describe("a server that asks for more", () => {
  withServer(
    title("a password in the URL opens it; a wrong one means memory and one line in the log"),
    async () => {
      const server = await serve(["--requirepass", "pä:ss@w/ord"])
      const secret = encodeURIComponent("pä:ss@w/ord")
      const [one, other] = [
        open(`redis://:${secret}@127.0.0.1:${server.port}`),
        open(`redis://:${secret}@127.0.0.1:${server.port}`),
      ]
      await Promise.all([one.ready, other.ready])
      one.updateCircuit(opus, () => failure(opus, noon))
      await eventually(() => other.circuit(opus) !== undefined)
      expect(logged).toEqual([])
      const wrong = open(`redis://:wrong-secret@127.0.0.1:${server.port}`)
      await wrong.ready
      wrong.updateCircuit(opus, () => failure(opus, noon))
      expect(wrong.circuit(opus)).toEqual(failure(opus, noon))
      await eventually(() => logged.length === 1)
      expect(logged.join()).not.toContain("wrong-secret")
    },
  )

  withServer(title("TLS with a certificate authority of one's own"), async () => {
    const server = await serveTls()
    const url = `rediss://localhost:${server.port}`
    const tls = { ca: Bun.file(join(server.folder, "ca.crt")) }
    const [one, other] = [open(url, tls), open(url, tls)]
    await Promise.all([one.ready, other.ready])
    one.updateCircuit(opus, () => failure(opus, noon))
    await eventually(() => other.circuit(opus) !== undefined)
    expect(logged).toEqual([])
  })

  withServer(title("TLS with a certificate that nobody vouches for is refused"), async () => {
    const server = await serveTls()
    const store = open(`rediss://localhost:${server.port}`)
    await eventually(() => logged.length === 1)
    await store.ready
    expect(logged[0]).toContain("continuing with what is known")
  })
})

async function serveTls(): Promise<TestServer> {
  const scratch = await startServer()
  servers.push(scratch)
  const at = (name: string): string => join(scratch.folder, name)
  const openssl = (...args: string[]) =>
    Bun.spawnSync(["openssl", ...args], { stdout: "ignore", stderr: "ignore" })
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    ...subject,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.crt"),
  )
  const files = [
    "--tls-cert-file",
    at("ca.crt"),
    "--tls-key-file",
    at("ca.key"),
    "--tls-ca-cert-file",
    at("ca.crt"),
  ]
  const secure = await serve(["--tls-port", "PORT", "--tls-auth-clients", "no", ...files])
  await Bun.write(join(secure.folder, "ca.crt"), Bun.file(at("ca.crt")))
  return secure
}
