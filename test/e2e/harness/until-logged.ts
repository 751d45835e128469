import type { AnyHost } from "./any-host.ts"

/** OpenCode writes its log in its own time; the test's limit ends the wait. @returns the log, once it holds this */
export async function untilLogged(host: Pick<AnyHost, "logs">, what: string | RegExp): Promise<string> {
  for (;;) {
    const log = await host.logs()
    if (typeof what === "string" ? log.includes(what) : what.test(log)) return log
    await Bun.sleep(100)
  }
}
