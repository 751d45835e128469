import { describe, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { documents, root } from "./marked-snippets.ts"

const read = (document: string): string => readFileSync(join(root, document), "utf8")

/** Target and anchor of each link that stays in the repository; both may be empty. */
function linksOf(document: string): readonly { readonly target: string; readonly anchor: string }[] {
  const link = /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?[^)]*\)|src="(?!https?:)([^"]+)"/g
  return [...read(document).matchAll(link)].map(([, target, anchor, image]) => ({
    target: target || image || "",
    anchor: anchor ?? "",
  }))
}

/** As GitHub makes them. */
function anchorsOf(document: string): ReadonlySet<string> {
  const headings = [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  )
}

describe.each(documents().map((document) => ({ document })))("$document", ({ document }) => {
  const fromHere = (target: string): string => (target === "" ? document : join(dirname(document), target))

  test("each relative link leads to a file, and each anchor to a heading", () => {
    const dead = linksOf(document).filter(({ target, anchor }) => {
      const file = fromHere(target)
      if (!existsSync(join(root, file))) return true
      return anchor !== "" && file.endsWith(".md") && !anchorsOf(file).has(anchor)
    })
    expect(dead).toEqual([])
  })

  test("each path of this repository that stands in code is there", () => {
    const paths = [...read(document).matchAll(/`((?:src|test|script|docs|assets)\/[\w./-]+)`/g)]
    const named = paths.map(([, path = ""]) => path)
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

test("anchors are made as GitHub makes them", () => {
  expect(anchorsOf("docs/cli.md").has("init-update-remove")).toBeTrue()
})
