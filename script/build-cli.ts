import type { BunPlugin } from "bun"

/** For Node, Bun takes a package's `main`; that of jsonc-parser loads its parts in a way no bundler can follow. */
const jsoncParserAsModule: BunPlugin = {
  name: "jsonc-parser as module",
  setup(build) {
    const path = new URL("../node_modules/jsonc-parser/lib/esm/main.js", import.meta.url).pathname
    build.onResolve({ filter: /^jsonc-parser$/ }, () => ({ path }))
  },
}

/**
 * Bundles the command line into `dist/cli.js` for Node and Bun. The stores become chunks of their own, because
 * `bun:sqlite` cannot even be named in a file that Node loads.
 *
 * @returns a line for each file that was written
 */
export async function buildCli(): Promise<readonly string[]> {
  const result = await Bun.build({
    entrypoints: [new URL("../src/cli/cli.ts", import.meta.url).pathname],
    outdir: new URL("../dist", import.meta.url).pathname,
    target: "node",
    format: "esm",
    splitting: true,
    naming: { entry: "cli.js", chunk: "cli-[hash].js" },
    external: ["bun", "bun:sqlite", "node:sqlite"],
    plugins: [jsoncParserAsModule],
    minify: { syntax: true, whitespace: false, identifiers: false },
    banner: "#!/usr/bin/env node",
  })
  return result.outputs.map((output) => `${output.path}  ${Math.ceil(output.size / 1024)} KiB`)
}

if (import.meta.main) for (const line of await buildCli()) console.log(line)
