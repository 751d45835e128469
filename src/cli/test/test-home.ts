import { mkdir, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Environment } from "../../config/this-user.ts"
import type { JsonObject } from "../../core/json-object.ts"
import { CommandError } from "../terminal/command-error.ts"
import { makeTemporaryFolder } from "../terminal/temporary-folder.ts"

/** The plugin as it is installed, next to this very command. */
const pluginFile = new URL("index.js", import.meta.url).href

/**
 * A home folder for one run of OpenCode: nothing of the user's own is read or written there. It is removed with its use.
 *
 * @param env what is taken over: the PATH, proxies, certificates
 */
export async function makeTestHome(config: JsonObject, settings: JsonObject, env: Environment) {
  const made = await makeTemporaryFolder("understudy-test-")
  if (!made.ok) throw new CommandError(`Nothing was tried: ${made.why}.`)
  const home = made.value
  const [project, folder, plugin] = [
    join(home, "project"),
    join(home, "config/opencode"),
    join(home, "plugin"),
  ]
  const files: Readonly<Record<string, string>> = {
    [join(project, "README.md")]: "An empty project.\n",
    // OpenCode 1 goes by package.json, OpenCode 2 by the name of the file.
    [join(plugin, "package.json")]: JSON.stringify({
      name: "opencode-understudy",
      type: "module",
      main: "index.js",
    }),
    [join(plugin, "index.js")]: `export { default } from ${JSON.stringify(pluginFile)}\n`,
    [join(folder, "opencode.json")]: JSON.stringify({ ...config, plugin: [plugin] }),
    [join(folder, "understudy.json")]: JSON.stringify(settings),
    ...noInstall(folder),
  }
  const remove = () => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content, { mode: 0o600 })
    }
  } catch (error) {
    await remove()
    throw error
  }
  return {
    project,
    env: { ...env, ...environmentOf(home), ...loopbackDirectly(env) },
    [Symbol.asyncDispose]: remove,
  }
}

function environmentOf(home: string): Environment {
  return {
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_STATE_HOME: join(home, "state"),
    XDG_CACHE_HOME: join(home, "cache"),
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    OPENCODE_DISABLE_MODELS_FETCH: "1",
    OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    OPENCODE_CONFIG: undefined,
    OPENCODE_CONFIG_DIR: undefined,
    OPENCODE_CONFIG_CONTENT: undefined,
    OPENCODE_PERMISSION: undefined,
  }
}

/** A proxy of the user's cannot reach the simulated providers; Bun asks it for loopback addresses as well (1.3.14, 1.4.2). */
function loopbackDirectly(env: Environment): Environment {
  const direct = [env["NO_PROXY"] ?? env["no_proxy"] ?? [], "127.0.0.1"].flat().join(",")
  return { NO_PROXY: direct, no_proxy: direct }
}

/** OpenCode 1 installs `@opencode-ai/plugin` from npm into a config folder that does not show it (1.18.33). */
function noInstall(folder: string): Readonly<Record<string, string>> {
  const dependencies = { "@opencode-ai/plugin": "*" }
  const lock = { name: "opencode-config", lockfileVersion: 3, packages: { "": { dependencies } } }
  return {
    [join(folder, "package.json")]: JSON.stringify({ dependencies }),
    [join(folder, "package-lock.json")]: JSON.stringify(lock),
    [join(folder, "node_modules/@opencode-ai/plugin/package.json")]: JSON.stringify({
      name: "@opencode-ai/plugin",
      version: "0.0.0",
    }),
  }
}
