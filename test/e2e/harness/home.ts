import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { closedPort } from "../../simulator/closed-port.ts"
import { afterOurEnd } from "./after-our-end.ts"
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

/**
 * What OpenCode is to know of models.dev, in its shape. The thousands of models that it brings along cost each of the
 * suite's OpenCodes more of the processor than all of its scenarios together (1.18.33: 2 s, 2.0.15: half a second).
 */
const catalog = {
  anthropic: {
    id: "anthropic",
    env: ["ANTHROPIC_API_KEY"],
    npm: "@ai-sdk/anthropic",
    name: "Anthropic",
    doc: "https://docs.anthropic.com/en/docs/about-claude/models",
    models: {
      "claude-sonnet-4-5": {
        id: "claude-sonnet-4-5",
        name: "Claude Sonnet 4.5",
        attachment: true,
        reasoning: true,
        tool_call: true,
        temperature: true,
        release_date: "2025-09-29",
        last_updated: "2025-09-29",
        modalities: { input: ["text", "image", "pdf"], output: ["text"] },
        open_weights: false,
        cost: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
        limit: { context: 200_000, output: 64_000 },
      },
    },
  },
}

const catalogOf = (home: string): string => join(home, "models.json")

/**
 * The compiler for code that runs hot takes a fifth of the processor's time at a start (2.15 s instead of 2.74, OpenCode
 * 1.18.33), which such short lives never earn back. The one beneath it (DFG) does earn it back in hosts of many scenarios:
 * without it 212 of them took 95 s of the processor instead of 71.
 */
const shortLived = { BUN_JSC_useFTLJIT: "0" }

/** `PATH` is the only variable taken over: keys and proxies of the developer must not leak in. */
const environmentOf = (home: string, project: string): Readonly<Record<string, string>> => ({
  PATH: process.env["PATH"] ?? "",
  ...shortLived,
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
  OPENCODE_MODELS_PATH: catalogOf(home),
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

/** @param environment over what all homes have; `undefined` takes a variable away */
export async function makeHome(
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), "understudy-home-"))
  // Once more where one of its processes, which end at the same moment, still writes.
  const callOff = afterOurEnd('rm -rf -- "$0" || rm -rf -- "$0"', path)
  const project = join(path, "project")
  const config = join(path, "config/opencode")
  const data = join(path, "data/opencode")
  await Promise.all([project, config, data, join(path, "state"), join(path, "cache")].map(makeFolder))
  await preventInstall(config)
  await Bun.write(catalogOf(path), JSON.stringify(catalog))
  // OpenCode 2's background service has one port for all homes of a machine, unless its home names another.
  await Bun.write(
    join(config, "service.json"),
    JSON.stringify({ port: await closedPort(), password: "only-for-the-test" }),
  )
  return {
    path,
    project,
    config,
    data,
    environment: Object.fromEntries(
      Object.entries({ ...environmentOf(path, project), ...environment }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
      callOff()
    },
  }
}

const makeFolder = (folder: string): Promise<unknown> => mkdir(folder, { recursive: true })
