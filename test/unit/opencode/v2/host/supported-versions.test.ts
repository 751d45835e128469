import { expect, test } from "bun:test"
import { supportedVersions } from "../../../../../src/opencode/v2/host/supported-versions.ts"

test("the supported versions", () => {
  const fits = (version: string): boolean => Bun.semver.satisfies(version, supportedVersions)
  expect(["1.18.33", "2.0.14", "2.0.15", "2.9.0", "3.0.0"].map(fits)).toEqual([
    false,
    false,
    true,
    true,
    false,
  ])
})
