import type { ChildProcess } from "node:child_process"
import { randomBytes } from "node:crypto"
import { reasonOf } from "../../config/reason-of.ts"
import { parseJsonText, text } from "../../core/json-object.ts"
import type { Result } from "../terminal/result.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { askedEnvironment } from "./run-program.ts"
import { spawnProgram } from "./spawn-program.ts"

/** From its start until it names its address; a busy machine has been seen to take 11 s. */
const startMs = 30_000
const answerMs = 10_000
/** From the word to end until it is ended for good. */
const endMs = 3_000

/** Asks for a path of OpenCode's HTTP API; rejects where there is no answer. */
export type Get = (path: string) => Promise<unknown>

/**
 * An OpenCode 2 with a server of its own for as long as `use` takes, as its `--standalone` does it (2.0.15): it ends
 * when its standard input does, so that it outlives us in no case. The background service that `opencode api` starts
 * does outlive us, and where another program holds its port it is waited for without end.
 */
export async function withPrivateServer<Value>(
  openCode: string,
  place: Pick<Terminal, "env" | "directory">,
  use: (get: Get) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const password = randomBytes(24).toString("base64url")
  const server = spawnProgram(openCode, ["serve", "--stdio", "--port", "0"], {
    cwd: place.directory,
    env: { ...askedEnvironment(place), OPENCODE_PASSWORD: password },
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
  })
  // It may be gone before its input is closed.
  server.stdin?.on("error", () => undefined)
  try {
    const url = await addressOf(server)
    return await use((path) => getJson(`${url}${path}`, password))
  } catch (error) {
    return { ok: false, why: reasonOf(error) }
  } finally {
    await end(server)
  }
}

/** The first line that it prints: `{"url":"http://127.0.0.1:41245"}`. */
function addressOf(server: ChildProcess): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const address = new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(why))
    timer = setTimeout(() => fail(`its server did not start within ${startMs / 1_000} s`), startMs)
    let printed = ""
    server.stdout?.on("data", (piece: Buffer) => {
      printed += piece.toString()
      const url = text(parseJsonText(printed.split("\n", 1)[0] ?? ""), "url")
      if (url !== undefined) resolve(url)
    })
    server.on("error", reject)
    server.on("close", (code, signal) => fail(`its server ended with ${signal ?? `code ${code}`}`))
  })
  return address.finally(() => clearTimeout(timer))
}

async function getJson(address: string, password: string): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`opencode:${password}`).toString("base64")}`
  const answer = await fetch(address, {
    headers: { authorization },
    signal: AbortSignal.timeout(answerMs),
  })
  if (!answer.ok) throw new Error(`its server answered ${answer.status} to ${new URL(address).pathname}`)
  return answer.json()
}

function end(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return resolve()
    const timer = setTimeout(() => server.kill("SIGKILL"), endMs)
    server.on("close", () => {
      clearTimeout(timer)
      resolve()
    })
    server.stdin?.end()
  })
}
