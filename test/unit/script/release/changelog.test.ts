import { describe, expect, test } from "bun:test"
import { releaseNotes, withRelease } from "../../../../script/release/changelog.ts"

const changelog =
  "# Changelog\n\nRules.\n\n## Unreleased\n\n- Fix one thing.\n\n## 0.1.0 (2026-11-21)\n\n- Begin.\n"

describe("a release", () => {
  test("takes what stands under Unreleased and leaves that section empty", () => {
    expect(withRelease(changelog, "0.2.0", "2026-12-01")).toBe(
      "# Changelog\n\nRules.\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- Fix one thing.\n\n## 0.1.0 (2026-11-21)\n\n- Begin.\n",
    )
  })

  test("is refused when nothing is to be released", () => {
    const released = withRelease(changelog, "0.2.0", "2026-12-01")
    expect(() => withRelease(released, "0.3.0", "2026-12-02")).toThrow("nothing to release")
    expect(() => withRelease("# Changelog\n", "0.3.0", "2026-12-02")).toThrow("no section")
  })
})

describe("the notes of a release", () => {
  test.each([
    ["0.1.0", "- Begin."],
    ["0.1", undefined],
    ["0x1.0", undefined],
    ["0.2.0", undefined],
  ])("%s", (version, notes) => {
    expect(releaseNotes(changelog, version)).toBe(notes)
  })
})
