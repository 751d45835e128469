import type { Child } from "./child-process.ts"

const START_TIMEOUT_MS = 100_000

/** Resolves with the URL that `opencode serve` prints; rejects if it exits or takes too long. */
export function listeningUrl(child: Child): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = (what: string): void =>
    reject(new Error(`OpenCode ${what}\n${child.stdout()}\n${child.stderr()}`.slice(0, 4_000)))
  const timer = setTimeout(() => fail(`printed no URL within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS)
  child.process.stdout?.on("data", () => {
    const url = /listening on (http\S+)/.exec(child.stdout())?.[1]
    if (url !== undefined) resolve(url)
  })
  void child.exited.then((code) => fail(`exited with ${code}`))
  return promise.finally(() => clearTimeout(timer))
}
