import { once } from "node:events"
import { createServer } from "node:net"
import { join } from "node:path"
import { configDirectories } from "../../config/settings-places.ts"
import { field, text } from "../../core/json-object.ts"
import { readJsonFile } from "../opencode/read-json-file.ts"
import type { UserFolders } from "../terminal/terminal.ts"

/** Of OpenCode 2's released channels (2.0.15); one port for all homes of a machine. */
const usualPort = 49374

/**
 * The port of OpenCode 2's background service, where another program holds it: OpenCode starts its service again and
 * again then, and its windows wait (2.0.15). `undefined`: the port is free, or it is this home's own service. Never
 * rejects.
 */
export async function takenServicePort({ env, home }: UserFolders): Promise<number | undefined> {
  const [config = ""] = configDirectories(env, home)
  const port = field(await readJsonFile(join(config, "service.json")), "port") ?? usualPort
  if (typeof port !== "number" || (await isFree(port))) return undefined
  const state = env["XDG_STATE_HOME"] || join(home, ".local", "state")
  const running = text(await readJsonFile(join(state, "opencode", "service.json")), "url") ?? ""
  return running.endsWith(`:${port}`) ? undefined : port
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, "127.0.0.1")
    await once(server, "listening")
    return true
  } catch (error) {
    // Any other trouble is none that a person could mend.
    return (error as NodeJS.ErrnoException).code !== "EADDRINUSE"
  } finally {
    server.close()
  }
}
