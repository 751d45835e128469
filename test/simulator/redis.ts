import { type AddressInfo, createServer, type Socket } from "node:net"
import { appendScript, putScript, removeScript } from "../../src/store/redis-scripts.ts"

/** A Redis on loopback that knows what our store asks of one: for machines that have none, as CI's. */
export type SimulatedRedis = AsyncDisposable & { readonly url: string }

type Write = (reply: string) => unknown

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`
const list = (kind: "*" | ">", texts: readonly string[]): string =>
  `${kind}${texts.length}\r\n${texts.map(bulk).join("")}`
const nil = "_\r\n"

export async function startRedis(): Promise<SimulatedRedis> {
  const sockets = new Set<Socket>()
  const answer = database()
  const server = createServer((socket) => {
    sockets.add(socket)
    const write: Write = (reply) => socket.write(reply)
    let waiting = ""
    socket.on("data", (bytes) => {
      const [commands, rest] = commandsIn(waiting + bytes.toString("latin1"))
      waiting = rest
      for (const command of commands) write(answer(command, write))
    })
    // A client that is killed resets its connection.
    socket.on("error", () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Whole commands, each a list of byte strings, and what follows them. */
function commandsIn(bytes: string): readonly [commands: readonly (readonly string[])[], rest: string] {
  const commands: string[][] = []
  let rest = bytes
  for (;;) {
    const [head = "", count] = /^\*(\d+)\r\n/.exec(rest) ?? []
    if (count === undefined) return [commands, rest]
    const words: string[] = []
    let at = head.length
    for (let word = 0; word < Number(count); word++) {
      const [size = "", length] = /^\$(\d+)\r\n/.exec(rest.slice(at, at + 16)) ?? []
      const start = at + size.length
      at = start + Number(length) + 2
      if (length === undefined || at > rest.length) return [commands, rest]
      words.push(Buffer.from(rest.slice(start, at - 2), "latin1").toString())
    }
    commands.push(words)
    rest = rest.slice(at)
  }
}

function at<Value>(maps: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const found = maps.get(key) ?? new Map<string, Value>()
  maps.set(key, found)
  return found
}

function database(): (command: readonly string[], write: Write) => string {
  const hashes = new Map<string, Map<string, string>>()
  const sortedSets = new Map<string, Map<string, number>>()
  const subscribers = new Set<Write>()
  const hash = (key = ""): Map<string, string> => at(hashes, key)
  const sortedSet = (key = ""): Map<string, number> => at(sortedSets, key)
  const inOrder = (key = ""): readonly string[] =>
    [...sortedSet(key)].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([member]) => member)
  const publish = (channel = "", message = ""): void => {
    for (const write of subscribers) write(list(">", ["message", channel, message]))
  }
  /** Keeps at most so many, and none whose score is lower. @returns what is dropped */
  const trim = (key: string, most = "", oldest = ""): readonly string[] => {
    const members = inOrder(key)
    const isOld = (member: string): boolean => (sortedSet(key).get(member) ?? 0) < Number(oldest)
    const excess = Math.max(members.filter(isOld).length, members.length - Number(most))
    const dropped = members.slice(0, excess)
    for (const member of dropped) sortedSet(key).delete(member)
    return dropped
  }
  const scripts: Readonly<Record<string, (...args: readonly string[]) => string>> = {
    [putScript]: (key = "", ages = "", field = "", expected, value = "", age, most, oldest, ...message) => {
      const found = hash(key).get(field) ?? ""
      if (expected !== "*" && found !== expected) return bulk(found)
      hash(key).set(field, value)
      sortedSet(ages).set(field, Number(age))
      for (const dropped of trim(ages, most, oldest)) hash(key).delete(dropped)
      publish(...message)
      return nil
    },
    [removeScript]: (key, ages, field = "", ...message) => {
      hash(key).delete(field)
      sortedSet(ages).delete(field)
      publish(...message)
      return nil
    },
    [appendScript]: (key = "", score, member = "", most, oldest, ...message) => {
      sortedSet(key).set(member, Number(score))
      trim(key, most, oldest)
      publish(...message)
      return nil
    },
  }
  return ([name, key = "", ...args], write) => {
    if (name === "EVAL") return scripts[key]?.(...args.slice(1)) ?? "-ERR unknown script\r\n"
    if (name === "HELLO") return `%1\r\n${bulk("proto")}:3\r\n`
    if (name === "PING") return "+PONG\r\n"
    if (name === "HGETALL") {
      const fields = [...hash(key)]
      return `%${fields.length}\r\n${fields.flat().map(bulk).join("")}`
    }
    if (name === "ZRANGE") return list("*", inOrder(key))
    if (name === "FLUSHALL") {
      hashes.clear()
      sortedSets.clear()
      return "+OK\r\n"
    }
    if (name === "SUBSCRIBE") subscribers.add(write)
    else if (name === "UNSUBSCRIBE") subscribers.delete(write)
    else return `-ERR unknown command ${String(name)}\r\n`
    return `>3\r\n${bulk(name.toLowerCase())}${bulk(key)}:${subscribers.has(write) ? 1 : 0}\r\n`
  }
}
