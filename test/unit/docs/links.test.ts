import { expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { documents, root } from "./marked-snippets.ts"

const relative = /\]\((?!https?:|#)([^)#\s]+)[^)]*\)|src="(?!https?:)([^"]+)"/g

test.each(documents().map((document) => ({ document })))(
  "each relative link of $document leads to a file",
  ({ document }) => {
    const links = [...readFileSync(join(root, document), "utf8").matchAll(relative)].map(
      ([, link, image]) => link ?? image ?? "",
    )
    expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([])
  },
)
