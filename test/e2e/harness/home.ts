import { rmSync } from "node:fs"
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { REPOSITORY } from "./opencode-binary.ts"

/** A home folder of its own: nothing of the developer's OpenCode is read or written. */
export interface Home extends AsyncDisposable {
  readonly path: string
  readonly project: string
  /** The folder of `opencode.json` and `understudy.jsonc`. */
  readonly config: string
  readonly data: string
  readonly environment: Readonly<Record<string, string>>
}

/** From HOST.md. `PATH` is the only variable taken over: keys and proxies of the developer must not leak in. */
const environmentOf = (home: string, project: string): Readonly<Record<string, string>> => ({
  PATH: process.env["PATH"] ?? "",
  TERM: "xterm-256color",
  LANG: "C.UTF-8",
  HOME: home,
  PWD: project,
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_DATA_HOME: join(home, "data"),
  XDG_STATE_HOME: join(home, "state"),
  XDG_CACHE_HOME: join(home, "cache"),
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
  OPENCODE_DISABLE_TERMINAL_TITLE: "1",
})

/**
 * OpenCode installs `@opencode-ai/plugin` from npm into a config folder unless the folder has `node_modules` and its
 * lock file lists every dependency of package.json and `@opencode-ai/plugin` itself (read in 1.18.33, `Npm.install`).
 */
export async function preventInstall(configFolder: string): Promise<void> {
  const dependencies = { "@opencode-ai/plugin": "*" }
  const linked = join(configFolder, "node_modules/@opencode-ai/plugin")
  await mkdir(dirname(linked), { recursive: true })
  await symlink(join(REPOSITORY, "node_modules/@opencode-ai/plugin"), linked, "dir")
  await Bun.write(join(configFolder, "package.json"), JSON.stringify({ dependencies }))
  const lock = { name: "opencode-config", lockfileVersion: 3, packages: { "": { dependencies } } }
  await Bun.write(join(configFolder, "package-lock.json"), JSON.stringify(lock))
}

const homes = new Set<string>()
// After an interrupt: the disposers of the tests do not run then.
process.on("exit", () => {
  for (const path of homes) rmSync(path, { recursive: true, force: true })
})

export async function makeHome(extraEnvironment: Readonly<Record<string, string>> = {}): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), "understudy-home-"))
  homes.add(path)
  const project = join(path, "project")
  const config = join(path, "config/opencode")
  const data = join(path, "data/opencode")
  await Promise.all([project, config, data, join(path, "state"), join(path, "cache")].map(makeFolder))
  await preventInstall(config)
  await Bun.write(join(config, "service.json"), JSON.stringify({ port: freePort() }))
  return {
    path,
    project,
    config,
    data,
    environment: { ...environmentOf(path, project), ...extraEnvironment },
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
      homes.delete(path)
    },
  }
}

/** OpenCode 2's background service has one port for all homes of a machine, unless its home names another. */
function freePort(): number | undefined {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() })
  const { port } = server
  void server.stop(true)
  return port
}

const makeFolder = (folder: string): Promise<unknown> => mkdir(folder, { recursive: true })
