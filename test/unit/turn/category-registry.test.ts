import { describe, expect, test } from "bun:test"
import { categoryRegistry } from "../../../src/turn/category-registry.ts"

describe("the category registry", () => {
  test("remembers, replaces and forgets", () => {
    const registry = categoryRegistry()
    registry.register("ses_cat", "quick")
    registry.register("ses_cat", "deep")
    expect(registry.categoryOf("ses_cat")).toBe("deep")
    registry.forget("ses_cat")
    expect(registry.categoryOf("ses_cat")).toBeUndefined()
  })

  test("is one for the whole process, also for a second copy of the package", async () => {
    const copied = `${import.meta.dir}/../../../src/turn/category-registry.ts?copy`
    const copy = (await import(copied)) as { readonly categoryRegistry: typeof categoryRegistry }
    expect(copy.categoryRegistry).not.toBe(categoryRegistry)
    copy.categoryRegistry().register("ses_copy", "quick")
    expect(categoryRegistry().categoryOf("ses_copy")).toBe("quick")
  })

  test("is bounded", () => {
    const registry = categoryRegistry()
    for (let number = 0; number < 10_000; number += 1) registry.register(`ses_${number}`, "quick")
    expect(registry.categoryOf("ses_0")).toBeUndefined()
    expect(registry.categoryOf("ses_9999")).toBe("quick")
  })
})
