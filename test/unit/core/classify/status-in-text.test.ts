import { expect, test } from "bun:test"
import { splitByStatus } from "../../../../src/core/classify/status-in-text.ts"

test.each([
  [
    "what stands before a status, and behind it",
    "boom: HTTP 503: later",
    false,
    [
      ["boom:", undefined],
      [": later", 503],
    ],
  ],
  [
    "each status begins a part of its own",
    "HTTP 502: upstream returned 404: no such model",
    false,
    [
      [": upstream", 502],
      [": no such model", 404],
    ],
  ],
  [
    "the name of an exception in front of a status is a part of what is said",
    "AccountOverdueError: 403 Forbidden",
    false,
    [
      ["AccountOverdueError", undefined],
      ["", 403],
    ],
  ],
  [
    "a status in brackets that is called one is relayed",
    "provider failed (status 429)",
    true,
    [
      ["provider failed", undefined],
      ["", 429],
    ],
  ],
  [
    "where a status is known only a relayed one counts",
    "code 503, upstream returned 404: gone",
    true,
    [
      ["code 503, upstream", undefined],
      [": gone", 404],
    ],
  ],
  [
    "a sentence names it",
    "thrown because the response has a status code of 503 and more",
    false,
    [
      ["thrown because the response has a", undefined],
      ["and more", 503],
    ],
  ],
  [
    "behind a bracket and a colon it stands in front of what an error says",
    "Error in the call (attempt 1/3): 400 Provider returned error",
    false,
    [
      ["Error in the call (attempt 1/3", undefined],
      ["Provider returned error", 400],
    ],
  ],
  [
    "there it counts things, too",
    "found (again): 404 records",
    false,
    [["found (again): 404 records", undefined]],
  ],
  [
    "and what only begins like a word of an error",
    "at foo(bar.js:12): 500 items, (again): 500 nodes",
    false,
    [["at foo(bar.js:12): 500 items, (again): 500 nodes", undefined]],
  ],
  ["its own phrase says nothing more", "HTTP 429 Too Many Requests", false, [["", 429]]],
] as const)("%s: %s", (_, text, known, parts) => {
  expect(splitByStatus(text, known).map((part) => [part.text, part.status])).toEqual(
    parts.map((part) => [...part]),
  )
})

test("a text of statuses alone is cut a few times", () => {
  expect(splitByStatus("returned 500: ".repeat(40), false)).toHaveLength(7)
})
