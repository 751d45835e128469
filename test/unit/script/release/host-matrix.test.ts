import { expect, test } from "bun:test"
import { hostsText, readHostMatrix } from "../../../../script/release/host-matrix.ts"

const printed = [
  "> opencode-understudy@0.1.0 versions",
  "1.14.34  silence: pass 9",
  "1.14.34  Esc: pass 10, 1 skipped",
  "1.18.33  silence: FAIL 2 of 9",
  "    a title that looks like 1.18.33  silence: pass 9",
  "1.18.33  reactive: no test",
].join("\n")

test("the printed matrix is added up for each version", () => {
  expect(readHostMatrix(printed)).toEqual([
    { version: "1.14.34", passed: 19, failed: 0 },
    { version: "1.18.33", passed: 7, failed: 2 },
  ])
})

test("the paragraph names what passes and what does not", () => {
  expect(hostsText(">=1.14.34 <2", "2026-11-21", readHostMatrix(printed))).toBe(
    "Supported: OpenCode 1 from 1.14.34. The end-to-end tests pass on 1.14.34. Not all of them pass on 1.18.33 (2 of 9 fail). Last run: 2026-11-21.",
  )
})

test("without a run it promises the range and nothing more", () => {
  expect(hostsText(">=1.14.34 <2 || ^2.0.15", "", [])).toBe(
    "Supported: OpenCode 1 from 1.14.34, OpenCode 2 from 2.0.15.",
  )
})
