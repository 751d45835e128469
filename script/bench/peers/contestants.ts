import { $ } from "bun"
import { mkdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { thisPlugin } from "../../simulated-opencode.ts"

/** The list of models that a contestant is given, the user's own first, as `provider/model`. */
export type Chain = readonly [own: string, ...fallbacks: string[]]

export type Contestant = {
  readonly name: string
  /** Major versions of OpenCode that it supports. */
  readonly hosts: readonly (1 | 2)[]
  /** Entries of the `plugin` list. */
  readonly plugins: readonly string[]
  /** Its settings: path below the home folder → content. */
  settings(chain: Chain): Readonly<Record<string, string>>
}

/** Exact versions, so that figures of two runs can be compared. */
const peers = { "oh-my-opencode": "4.19.4", "oh-my-opencode-slim": "2.2.24" } as const

const nothing = (): Readonly<Record<string, string>> => ({})

/** Installs the peers that npm has; about a minute at the first time, and 700 MB on disk. */
export async function contestants(): Promise<readonly Contestant[]> {
  const folder = join(tmpdir(), "understudy-peers")
  await mkdir(folder, { recursive: true })
  const wanted = Object.entries(peers).map(([name, version]) => `${name}@${version}`)
  await $`npm install --ignore-scripts --no-audit --no-fund --loglevel=error --prefix ${folder} ${wanted}`.quiet()
  const entry = async (name: keyof typeof peers, file: string): Promise<string> => {
    // OpenCode 2 takes a folder with a `server.js` only; OpenCode 1 takes the same folder.
    const shim = join(folder, "entries", name)
    const target = JSON.stringify(join(folder, "node_modules", name, file))
    await Bun.write(join(shim, "server.js"), `export { default } from ${target}\n`)
    const manifest = { name, type: "module", exports: { "./server": "./server.js" } }
    await Bun.write(join(shim, "package.json"), JSON.stringify(manifest))
    return `file://${shim}`
  }
  return [
    { name: "OpenCode alone", hosts: [1, 2], plugins: [], settings: nothing },
    { name: "Understudy", hosts: [1, 2], plugins: [thisPlugin], settings: nothing },
    {
      name: `oh-my-opencode ${peers["oh-my-opencode"]}`,
      hosts: [1],
      plugins: [await entry("oh-my-opencode", "dist/index.js")],
      settings: ([model, ...fallback_models]) => ({
        ".omo/omo.jsonc": JSON.stringify({
          // At its first start 4.19.4 rewrites the list as "models", a key that it then refuses: as if that was done.
          _migrations: ["2026-08-reasoning-unification"],
          "[opencode]": {
            runtime_fallback: { enabled: true },
            agents: { sisyphus: { model, fallback_models } },
            auto_update: false,
            telemetry: false,
          },
        }),
      }),
    },
    {
      name: `oh-my-opencode-slim ${peers["oh-my-opencode-slim"]}`,
      hosts: [1, 2],
      plugins: [await entry("oh-my-opencode-slim", "dist/server/index.js")],
      settings: (models) => ({
        "config/opencode/oh-my-opencode-slim.json": JSON.stringify({
          autoUpdate: false,
          // Its default waits for three further 429s on OpenCode 2.
          fallback: { maxRetries: 0 },
          agents: { orchestrator: { model: models } },
        }),
      }),
    },
  ]
}
