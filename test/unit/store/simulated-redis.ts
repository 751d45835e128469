import { jest } from "bun:test"
import type { RedisConnection } from "../../../src/store/redis-link.ts"

/** A client of a server that is simulated here, and what it was asked for. */
export type Client = RedisConnection & {
  connected: boolean
  readonly calls: string[]
  readonly tls: Bun.TLSOptions | undefined
  /** What it is told of by the others. */
  hear: (text: string) => void
  /** Assigned by the link. */
  onclose?: (error: Error) => void
  onconnect?: () => void
}

export const silence = (): Promise<never> => new Promise(() => {})
export const refused = (): Promise<never> => Promise.reject(new Error("Connection closed"))

/** All that is already decided comes to pass; no time goes by. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
}

/** Under simulated timers. */
export async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms)
  await settle()
}

export function simulatedRedis() {
  /** How the server answers each command, from now on. */
  const server: Record<string, () => unknown> = {}
  const clients: Client[] = []
  const newClient = (url: string, tls: Bun.TLSOptions | undefined): Client => {
    const call = async (line: string): Promise<unknown> => {
      client.calls.push(line)
      return server[line.split(" ", 1)[0] ?? ""]?.()
    }
    const client: Client = {
      connected: false,
      calls: [url],
      tls,
      hear: () => {},
      async connect() {
        await call("connect")
        client.connected = true
      },
      subscribe(channel, hear) {
        client.hear = hear
        return call(`subscribe ${channel}`)
      },
      unsubscribe: () => call("unsubscribe"),
      ping: () => call("ping"),
      send: (command, args) => call([command, ...args].join(" ")),
      close: () => void client.calls.push("close"),
    }
    clients.push(client)
    return client
  }
  /** The clients of the newest attempt. */
  const newest = (): readonly [Client, Client] => {
    const [commands, subscriber] = clients.slice(-2)
    if (!commands || !subscriber) throw new Error("nobody has connected")
    return [commands, subscriber]
  }
  return { server, clients, newClient, newest }
}
