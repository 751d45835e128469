import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The first server program of this machine, or `undefined`. */
export const serverProgram = Bun.which("valkey-server") ?? Bun.which("redis-server") ?? undefined

/** For the titles of tests that are skipped without a server. */
export const serverNotice = serverProgram
  ? ""
  : " (SKIPPED: neither valkey-server nor redis-server is installed)"

export type TestServer = {
  readonly port: number
  readonly folder: string
  start(): Promise<void>
  /** SIGKILL: connections break, nothing is saved. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT: the server keeps its connections and does not answer. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** A real server on a free port of loopback, with a folder of its own and nothing kept on disk. */
export async function startServer(extra: readonly string[] = []): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "understudy-redis-"))
  const port = freePort()
  const secure = extra.includes("--tls-port")
  const listen = secure ? ["--port", "0"] : ["--port", String(port)]
  const settings = [...listen, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
  const launch = () =>
    Bun.spawn(
      [serverProgram ?? "", ...settings, ...extra.map((word) => (word === "PORT" ? String(port) : word))],
      {
        stdout: "ignore",
        stderr: "inherit",
      },
    )
  let child = launch()
  const server: TestServer = {
    port,
    folder,
    async start() {
      if (child.killed || child.exitCode !== null) child = launch()
      await acceptsConnections(port)
    },
    async kill() {
      child.kill("SIGKILL")
      await child.exited
    },
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    async stop() {
      child.kill("SIGCONT")
      child.kill("SIGKILL")
      await child.exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}

async function acceptsConnections(port: number): Promise<void> {
  const end = performance.now() + 10_000
  while (performance.now() < end) {
    try {
      const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } })
      socket.end()
      return
    } catch (error) {
      if (performance.now() > end) throw error
      await Bun.sleep(10)
    }
  }
}
