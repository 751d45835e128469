import packageJson from "../../../package.json" with { type: "json" }

/** What the package says of itself; fixed when the command line is bundled. */
export const packageFacts = {
  name: packageJson.name,
  version: packageJson.version,
  /** What is written into OpenCode's configuration: this very version. */
  spec: `${packageJson.name}@${packageJson.version}`,
  /** Where the pages of `docs/` can be read, which are not in the package. */
  docs: packageJson.homepage.replace("#readme", "/blob/main/docs"),
  /** The versions of OpenCode that are supported, as an npm range. */
  openCodeRange: packageJson.engines.opencode,
} as const
