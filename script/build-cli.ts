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
 */
export function buildCli(): Promise<Bun.BuildOutput> {
  return Bun.build({
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
    metafile: true,
  })
}

if (import.meta.main) await buildCli()
