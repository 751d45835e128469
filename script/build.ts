import { $ } from "bun"
/**
 * Bundles what people install into `dist/`: one file for each entry, so that it loads fast and brings no
 * dependencies along, and the type declarations of the public entries.
 */
import { copyFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildCli } from "./build-cli.ts"
import { buildTui } from "./build-tui.ts"
import { indexDeclaration } from "./options-declaration.ts"
import { inputsOf, thirdPartyNotices } from "./third-party-notices.ts"

/** The panel is compiled against the host's own OpenTUI, whose types are not installed with us. */
const tuiDeclaration = `import type { TuiPluginModule } from "@opencode-ai/plugin/tui"
declare const plugin: TuiPluginModule
export default plugin
`

// Chunks are named after their content: old ones would stay and be published.
await rm("dist", { recursive: true, force: true })

const server = await Bun.build({
  entrypoints: ["src/index.ts"],
  outdir: "dist",
  target: "bun",
  splitting: true,
  minify: { syntax: true, whitespace: true, identifiers: false },
  metafile: true,
})
// An own bundle, so that it shares no file with the plugin: it must load in any runtime.
const registry = await Bun.build({
  entrypoints: ["src/turn/category-registry.ts"],
  outdir: "dist",
  target: "node",
  metafile: true,
})
const bundles = [server, registry, await buildCli(), await buildTui()]
for (const output of bundles.flatMap((bundle) => bundle.outputs))
  console.log(`${output.path.replace(`${process.cwd()}/`, "")}  ${Math.ceil(output.size / 1024)} KiB`)
await writeFile("dist/THIRD-PARTY-NOTICES.txt", await thirdPartyNotices(bundles.flatMap(inputsOf)))

// Only the declarations of the public entries: each stands alone.
const declarations = join(tmpdir(), `understudy-types-${process.pid}`)
await $`${process.execPath} x tsc --project tsconfig.build.json --outDir ${declarations}`.quiet()
await copyFile(join(declarations, "turn/category-registry.d.ts"), "dist/category-registry.d.ts")
await writeFile("dist/index.d.ts", indexDeclaration())
await writeFile("dist/tui.d.ts", tuiDeclaration)
await rm(declarations, { recursive: true, force: true })
