/**
 * Bundles the sidebar panel into `tui.js`, and what only an open sidebar needs into files of its own. OpenCode hands OpenTUI and Solid to every plugin file that imports them
 * by name, also to compiled ones (its own loader rewrites the imports): they must stay imports.
 */
export function buildTui(outdir = "dist"): Promise<Bun.BuildOutput> {
  return Bun.build({
    entrypoints: ["src/tui/index.ts"],
    outdir,
    naming: { entry: "tui.js", chunk: "tui-[hash].js" },
    target: "bun",
    splitting: true,
    external: ["@opentui/*", "solid-js"],
    minify: { syntax: true, whitespace: false, identifiers: false },
    metafile: true,
  })
}
