import { expect, test } from "bun:test"
import { withGeneratedPart } from "../../../script/generated-part.ts"

test("a generated part replaces what is between its markers and nothing else", () => {
  const page = "before\n<!-- hosts:start -->\nold\n<!-- hosts:end -->\nafter\n"
  const written = withGeneratedPart(page, "hosts", "NEW")
  expect(written).toBe("before\n<!-- hosts:start -->\n\nNEW\n\n<!-- hosts:end -->\nafter\n")
  expect(withGeneratedPart(written, "hosts", "NEW")).toBe(written)
})

test.each([
  "",
  "no markers",
  "<!-- hosts:end --> <!-- hosts:start -->",
  "<!-- other:start --><!-- other:end -->",
])("a page without its markers is refused: %p", (page) => {
  expect(() => withGeneratedPart(page, "hosts", "NEW")).toThrow("hosts:start")
})
