import { expect, test } from "bun:test"
import lock from "../../../package-lock.json" with { type: "json" }

test("every package of the lock file has its integrity, but for OpenCode's builds for other platforms", () => {
  const bare = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== "" && !("integrity" in entry))
    .map(([path]) => path.replace("node_modules/", ""))
  // The registry that the lock file was last made with does not have them; `node script/complete-lock.mjs` says more.
  expect(bare.filter((name) => !/^opencode-(?:darwin|linux|windows)-/.test(name))).toEqual([])
})
