import { RedisClient } from "bun"
import { unescape } from "node:querystring"
import { growingPause } from "../async/growing-pause.ts"
import { inTime } from "../async/within-time.ts"
import { reasonOf } from "../config/reason-of.ts"
import { withoutPassword } from "../config/short-value.ts"
import { redisKeys } from "./redis-scripts.ts"
import type { StoreLog } from "./store.ts"

/** A command that takes longer means a server that hangs or a network that swallows packets. */
const commandTimeoutMs = 2_000
/** Shorter, so that Bun itself ends an attempt to connect before we give up on its promise. */
const connectTimeoutMs = 1_500
const firstPauseMs = 250
const longestPauseMs = 30_000
/** How often the link is tried when nothing else passes over it. */
const pulseMs = 15_000

export type RedisSend = (command: string, args: readonly string[]) => Promise<unknown>

export type RedisLinkOptions = {
  /** `redis://` or, with TLS, `rediss://`; user, password and database number as usual in such URLs. */
  readonly url: string
  readonly tls?: Bun.TLSOptions
  readonly log: StoreLog
  readonly random: () => number
  /** Called after each connect, with the subscription already in place, so that no change falls between. */
  readonly onUp: (send: RedisSend) => Promise<void>
  /** Called when commands can be sent from now on. */
  readonly onReady: () => void
  /** Called each time an attempt or the link fails. */
  readonly onDown: () => void
  readonly onMessage: (text: string) => void
  /** Default: one of Bun's clients. */
  readonly newClient?: (url: string, tls: Bun.TLSOptions | undefined) => RedisConnection
}

/** What is used of Bun's client. It calls `onclose` and `onconnect` where they are assigned. */
export type RedisConnection = {
  readonly connected: boolean
  connect(): Promise<void>
  subscribe(channel: string, onMessage: (text: string) => void): Promise<unknown>
  unsubscribe(): Promise<unknown>
  ping(): Promise<unknown>
  send(command: string, args: string[]): Promise<unknown>
  close(): void
}

type Clients = {
  readonly commands: RedisConnection
  readonly subscriber: RedisConnection
  isSubscribed: boolean
  /** Everything of this connection has come up. */
  isUp: boolean
}

/**
 * Two connections, one for commands and one for the subscription, that live and die together. Bun's own
 * reconnecting is off: it does not say when the subscription is back, so that changes could be missed.
 */
export function linkRedis(options: RedisLinkOptions) {
  const { log, onUp, onMessage, random } = options
  const where = withoutPassword(options.url)
  let clients: Clients | undefined
  let saidDown = false
  /** Why the link was lost that nobody has got back yet. */
  let brokenBy: unknown
  const pause = growingPause(firstPauseMs, longestPauseMs)
  let timer: ReturnType<typeof setTimeout> | undefined

  const later = (action: () => void, afterMs: number): void => {
    clearTimeout(timer)
    timer = setTimeout(action, afterMs)
    timer.unref()
  }
  const down = (failed: Clients | undefined, error: unknown): void => {
    if (clients === undefined || clients !== failed) return
    drop()
    options.onDown()
    // One that breaks and is up again at the next attempt has missed nothing: there is nothing to say.
    if (failed.isUp) brokenBy = error
    else if (!saidDown) {
      const why = reasonWithoutPassword(brokenBy ?? error, options.url)
      log("warn", `store ${where}: ${why}; continuing with what is known`)
      saidDown = true
    }
    later(connect, pause.next() * (1 + 0.2 * random()))
  }
  const drop = (): void => {
    const dropped = clients
    clients = undefined
    if (dropped) release(dropped)
  }
  const connect = (): void => {
    const fresh = newClients(options)
    clients = fresh
    const send = sender(fresh.commands)
    const onclose = (error: Error): void => down(fresh, error)
    Object.assign(fresh.commands, { onclose })
    Object.assign(fresh.subscriber, { onclose })
    const start = async (): Promise<void> => {
      await answered(fresh.commands.connect())
      await answered(fresh.subscriber.connect())
      fresh.isSubscribed = true
      await answered(fresh.subscriber.subscribe(redisKeys.changes, onMessage))
      await onUp(send)
      if (clients !== fresh) return
      fresh.isUp = true
      pause.reset()
      if (saidDown) log("info", `store ${where}: reachable again`)
      saidDown = false
      brokenBy = undefined
      later(() => void pulse(fresh), pulseMs)
      options.onReady()
    }
    start().catch((error: unknown) => down(fresh, error))
  }
  const pulse = async (current: Clients): Promise<void> => {
    try {
      // The subscriber, too: one that died without a word would miss changes for ever.
      await answered(Promise.all([current.commands.ping(), current.subscriber.ping()]))
      if (clients === current) later(() => void pulse(current), pulseMs)
    } catch (error) {
      down(current, error)
    }
  }
  connect()

  return {
    /** `undefined` while the server is out of reach. */
    send: (): RedisSend | undefined => (clients?.isUp ? sender(clients.commands) : undefined),
    /** Connects anew, to whoever answers under this name by now. */
    renew: (): void => {
      drop()
      connect()
    },
    /** Takes the link down after a command failed, and tries again later. */
    fail: (error: unknown): void => down(clients, error),
    close(): void {
      clearTimeout(timer)
      drop()
    },
  }
}

/**
 * In Bun 1.3.14 a client that is closed while it connects, or closed with a subscription, keeps the process
 * alive for ever. So the subscription goes first, and a client that is still connecting is closed later.
 */
function release({ commands, subscriber, isSubscribed }: Clients): void {
  // Also on a broken connection: it rejects there, and lets the process end all the same.
  if (isSubscribed) subscriber.unsubscribe().catch(ignoreLateFailure)
  for (const client of [commands, subscriber])
    if (client.connected) client.close()
    else Object.assign(client, { onconnect: () => client.close() })
}

/** The link is down or closed already: there is nobody left who could use the news. */
function ignoreLateFailure(): void {}

function newClients({ url, tls, newClient = bunClient }: RedisLinkOptions): Clients {
  return {
    commands: newClient(url, tls),
    subscriber: newClient(url, tls),
    isSubscribed: false,
    isUp: false,
  }
}

function bunClient(url: string, tls: Bun.TLSOptions | undefined): RedisConnection {
  return new RedisClient(url, {
    connectionTimeout: connectTimeoutMs,
    autoReconnect: false,
    enableOfflineQueue: false,
    ...(tls ? { tls } : {}),
  })
}

function sender(client: RedisConnection): RedisSend {
  return (command, args) => answered(client.send(command, [...args]))
}

/** A command's answer, or a rejection when it does not come within {@link commandTimeoutMs}. */
function answered<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return inTime(answer, commandTimeoutMs, `no answer within ${commandTimeoutMs} ms`)
}

/** Bun says "Connection closed" for a refused connection, an unknown host and a wrong password alike. */
export function reasonWithoutPassword(error: unknown, url: string): string {
  const password = URL.canParse(url) ? new URL(url).password : ""
  // Not `decodeURIComponent`, which throws at a `%` that stands for itself.
  const safe = [password, unescape(password)]
    .filter((secret) => secret !== "")
    .reduce((text, secret) => text.replaceAll(secret, "***"), reasonOf(error))
    // A server that refuses what a script does also names the script, by its checksum.
    .replace(/\.? script: [0-9a-f]{40}\b.*$/s, "")
  return safe === "Connection closed"
    ? "not reachable, or it refused the user, password or certificate"
    : safe
}
