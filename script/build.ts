/**
 * Bundles what people install into `dist/`: one file for each entry, so that it loads fast and brings no
 * dependencies along, and the type declarations of the public entries.
 */
import { $ } from "bun"
import { buildCli } from "./build-cli.ts"
import { buildTui } from "./build-tui.ts"

const server = await Bun.build({
  entrypoints: ["src/index.ts"],
  outdir: "dist",
  target: "bun",
  splitting: true,
  minify: { syntax: true, whitespace: true, identifiers: false },
})
// An own bundle, so that it shares no file with the plugin: it must load in any runtime.
const registry = await Bun.build({
  entrypoints: ["src/turn/category-registry.ts"],
  outdir: "dist",
  target: "node",
})
for (const output of [...server.outputs, ...registry.outputs])
  console.log(`${output.path.replace(`${process.cwd()}/`, "")}  ${Math.ceil(output.size / 1024)} KiB`)

await buildCli()
await buildTui()

await $`${process.execPath} x tsc --project tsconfig.build.json`.quiet()
