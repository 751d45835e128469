/**
 * Bundles the sidebar panel into `dist/tui.js`. OpenCode hands OpenTUI and Solid to every plugin file that
 * imports them by name, also to compiled ones: they stay imports.
 */
export async function buildTui(outdir = "dist"): Promise<readonly Bun.BuildArtifact[]> {
  const result = await Bun.build({
    entrypoints: ["src/tui/index.tsx"],
    outdir,
    naming: "tui.js",
    target: "bun",
    external: ["@opentui/*", "solid-js"],
    // Else Bun takes the development runtime, whose calls carry paths of this machine.
    define: { "process.env.NODE_ENV": '"production"' },
    jsx: { runtime: "automatic", importSource: "@opentui/solid", development: false },
    minify: { syntax: true, whitespace: false, identifiers: false },
  })
  return result.outputs
}
