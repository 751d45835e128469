import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dir, "../../..")
const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** Codes as they stand in the code of each finding, and in the list of those of the settings. */
function codes(): readonly string[] {
  const findings = [...new Bun.Glob("src/cli/doctor/**/*.ts").scanSync(root)].map(read).join("\n")
  const problems = /export type ProblemCode =\n(?: {2}\| "[a-z-]+"\n)+/.exec(
    read("src/config/settings-problem.ts"),
  )
  const named = [
    ...findings.matchAll(/\bcode: "([a-z-]+)"/g),
    ...(problems?.[0] ?? "").matchAll(/"([a-z-]+)"/g),
  ]
  return [...new Set(named.flatMap(([, code]) => code ?? []))]
}

test("docs/cli.md says what each of doctor's findings means", () => {
  const documented = read("docs/cli.md")
  expect(codes()).toContain("useless-chain")
  expect(codes()).toContain("more-mistakes")
  expect(codes().filter((code) => !documented.includes(`\`${code}\``))).toEqual([])
})
