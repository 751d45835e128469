import { readdir } from "node:fs/promises"
import { join } from "node:path"

const heading = `This package contains code of the following packages, each under its own licence.
`

/** The folder of the package that a bundled file belongs to; `undefined` for our own. */
function packageFolder(input: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0]
}

async function notice(folder: string): Promise<string> {
  const { name, version, license } = (await Bun.file(join(folder, "package.json")).json()) as Readonly<
    Record<string, unknown>
  >
  const file = (await readdir(folder)).find((entry) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(entry))
  if (file === undefined)
    throw new Error(`${String(name)} is bundled, and its licence text is nowhere to be found`)
  const text = await Bun.file(join(folder, file)).text()
  return `${String(name)} ${String(version)} (${String(license)})\n\n${text.trim()}\n`
}

/**
 * The licence notices of everything that was bundled, as their licences ask for.
 *
 * @param inputs files that went into the bundles, from their metafiles
 * @throws Error when a package has no licence text: then it must not be bundled
 */
export async function thirdPartyNotices(inputs: readonly string[]): Promise<string> {
  const folders = new Set(inputs.flatMap((input) => packageFolder(input) ?? []))
  const notices = await Promise.all([...folders].map(notice))
  return [heading, ...notices.toSorted()].join(`\n${"-".repeat(80)}\n\n`)
}

/** What a bundle was made of. */
export function inputsOf({ metafile }: Bun.BuildOutput): readonly string[] {
  return Object.keys(metafile?.inputs ?? {})
}
