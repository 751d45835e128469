import { expect, test } from "bun:test"
import { unwrapText } from "../../../../src/core/classify/unwrap-text.ts"

const said = "429 Too Many Requests: slow down"

test.each([
  [
    "a stack of JavaScript",
    `${said}\n    at async run (file:///app/dist/index.mjs:12:34)\n    at node:events:1:2`,
  ],
  [
    "a stack of Java",
    `${said}\n\tat org.acme.Client.send(Client.java:56)\n\tat org.acme.Main.main(Main.java)`,
  ],
  [
    "a stack without places",
    `${said}\n    at new Promise (<anonymous>)\n    at async Promise.all (index 0)\n    at fetch (native)\n    at Acme.Client.Send(String text)\n    at java.lang.Thread.run(Unknown Source)`,
  ],
  ["a stack of Bun", `${said}\n      at send (/app/a.ts:3:7)\n      at processTicks (native:7:39)`],
  ["a stack of Windows", `${said}\n    at run (C:\\app\\index.js:1:2)`],
  ["a stack of C#", `${said}\n   at Acme.Client.Send(String text) in /src/Client.cs:line 75`],
  [
    "a trace of Python",
    `Traceback (most recent call last):\n  File "/app/main.py", line 42, in run\n    raise_for_status(answer)\n    ^^^^^^^^^^^^^^^^\n  File "/app/http.py", line 7, in send\n${said}`,
  ],
  ["a log's line", `2026-11-25T18:00:00.123Z ERROR ${said}`],
  ["a log's line in brackets", `[2026-11-25 18:00:00,123] [ERROR] provider.py:88 - ${said}`],
  ["a log's level", `[WARN] ${said}`],
  ["a bullet of a terminal", `  ⎿  ${said}`],
  ["a picture", `⚠️ ${said}`],
  ["a box", `│ ${said} │`],
  ["the request's id", `${said} (request id: 20260318064430248188401qdWZsrdh)`],
  ["the request's id behind it", `${said}. Request ID: 8f3a9c1e-5b7d-4e2a-9c41-0b5f6d7e8a90`],
  ["the trace's id behind a comma", `${said}, trace_id: 0217376826112645`],
  ["whom a gateway has asked", `[openai/gpt-5.2] ${said}`],
  ["quotes", `"${said}"`],
  ["a code span", `\`${said}\``],
  ["bold letters", `**${said}**`],
  ["a citation", `> ${said}`],
  ["colours", `\u001B[1m\u001B[38;5;196m${said}\u001B[0m`],
  ["colours without their escape", `[31m${said}[39m`],
  ["blanks of no width", said.replaceAll(" ", " \u200B")],
  ["dots", `${said}...`],
  ["Python's bytes", `b'${said}'`],
  ["columns", said.replaceAll(" ", "   ")],
  ["a column's end", said.replace("slow down", "slow\n      down")],
])("a message without %s", (_, text) => {
  expect(unwrapText(text)).toBe(said)
})

test.each([
  ["a heading in columns", "Request  failed:  Rate limit  reached", "Rate limit reached"],
  [
    "a string in a string",
    String.raw`"{\"error\":\"it's \\\"busy\\\"\"}"`,
    String.raw`{"error":"it's \"busy\""}`,
  ],
  ["HTML's escapes", "{&quot;error&quot;:&quot;a &lt; b &amp; it&#39;s&quot;}", `{"error":"a < b & it's"}`],
  ["bytes of Python behind a status", String.raw`500 - b'it\'s "no"'`, `500 - it's "no"`],
  ["line ends in writing", String.raw`no capacity\r\nTry later\n`, "no capacity\nTry later"],
  ["a line end behind an object", String.raw`{"a":"b\nc"}\n`, String.raw`{"a":"b\nc"}`],
  ["what is said twice", "Overloaded\n\nNo.\n\nOverloaded", "Overloaded\n\nNo."],
  ["an object in a code span", '`{"a":"b\\nc"}`', String.raw`{"a":"b\nc"}`],
  ["an object in a fence", '```json\n{"error":"busy"}\n```', '{"error":"busy"}'],
  ["a heading", "Error: Request failed: Upstream error: slow down", "slow down"],
  ["a heading that tells what was done", "An error occurred while calling the model: Slow down", "Slow down"],
  ["a heading over an abort", "Failed to generate a response: Request aborted", "Request aborted"],
  ["a status behind a heading", "Request failed: 429 slow down", "Error: 429 slow down"],
])("%s is read as it was", (_, text, expected) => {
  expect(unwrapText(text)).toBe(expected)
})

test.each([
  ["a list", "- 429: rate limit\n- 503: overloaded"],
  ["what begins and ends with a quote", `"gpt-5" is not "gpt-4"`],
  ["lines that are sentences", "Overloaded.\ntry later"],
  ["an error's name", "ERROR 1040 (HY000): Too many connections"],
  ["a capacity", "at capacity (retry in 30s)"],
  ["a sentence over two lines", "Model is currently\nAt capacity (see status.x.ai)"],
  ["a time of the day", "Try again.\nat 10:30"],
  ["a number of somebody's", "Limits reset.\nat quota: 30"],
  ["what is full", "at capacity (5 of 5)"],
  ["a heading that is all there is", "Request failed"],
  ["an abort of somebody else's", "Upstream error: request aborted"],
  ["one word behind a heading", "Error: Transport"],
  ["words in a fence", "```text\n429 slow down\n```"],
  ["an object's lines", '{\n"a": [\n{\n},\n{\n},\n]}'],
  ["a list of minutes", "[5m]"],
  ["an id that is what is wrong", "Unknown request id: 0217376826112645"],
  ["a code in brackets", "[resource_exhausted] slow down"],
  ["a name that is all there is", "[openai/gpt-5.2]"],
  ["what a status follows in brackets", "[openai/gpt-5.2] [400]: slow down"],
])("%s stays as it is", (_, text) => {
  expect(unwrapText(text)).toBe(text)
})
