import packageJson from "../../package.json" with { type: "json" }

/** What the package says of itself; fixed when the command line is bundled. */
export const packageFacts = {
  name: packageJson.name,
  version: packageJson.version,
  /** What is written into OpenCode's configuration: this very version. */
  spec: `${packageJson.name}@${packageJson.version}`,
  /** The versions of OpenCode that are supported, as an npm range. */
  openCodeRange: packageJson.engines.opencode,
} as const
