/** Bundles what people install into `dist/`: one file for each entry, so that it loads fast and brings nothing along. */
import { rm } from "node:fs/promises"
import { $ } from "bun"

await rm("dist", { recursive: true, force: true })

const server = await Bun.build({
  entrypoints: ["src/index.ts"],
  outdir: "dist",
  target: "bun",
  splitting: true,
  minify: { syntax: true, whitespace: false, identifiers: false },
})
for (const output of server.outputs) console.log(`${output.path}  ${Math.ceil(output.size / 1024)} KiB`)

await $`${process.execPath} x tsc --project tsconfig.build.json`.quiet()
