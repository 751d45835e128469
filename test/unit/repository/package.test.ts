import { $ } from "bun"
import { expect, test } from "bun:test"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const repository = join(import.meta.dir, "../../..")

/** Files that people get; anything else in the tarball is a mistake. */
const wanted =
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|assets\/understudy\.schema\.json|dist\/THIRD-PARTY-NOTICES\.txt|dist\/(?:index|tui|cli|category-registry|chunk-\w+|cli-\w+|tui-\w+)(?:\.d\.ts|\.js))$/

test("npm pack gives a tarball with what is needed and nothing else, which is never built where it is installed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "understudy-pack-"))
  try {
    await $`npm pack --ignore-scripts --pack-destination ${folder}`.cwd(repository).quiet()
    const [tarball = ""] = await readdir(folder)
    await $`tar -xzf ${join(folder, tarball)} -C ${folder}`.quiet()
    const root = join(folder, "package")
    const files = (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    expect(files.filter((file) => !wanted.test(file))).toEqual([])
    expect(files).toContain("dist/tui.js")
    expect(files).toContain("dist/cli.js")
    expect(files).toContain("dist/THIRD-PARTY-NOTICES.txt")

    // npm 11 warns at each installation of a package that has one.
    const { scripts } = (await Bun.file(join(root, "package.json")).json()) as { readonly scripts: object }
    expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?(?:install|prepare)$/.test(name))).toEqual([])

    const version = await $`node ${join(root, "dist/cli.js")} --version`.text()
    expect(version.trim()).toMatch(/^\d+\.\d+\.\d+$/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
