import { expect, test } from "bun:test"
import { parseXml } from "../../../../src/core/classify/parse-xml.ts"

test.each([
  [
    "an error of S3",
    `<?xml version="1.0"?>\n<Error><Code>SlowDown</Code><Message>a &lt; b</Message></Error>`,
    { Code: "SlowDown", Message: "a < b" },
  ],
  [
    "a fault of SOAP",
    `<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultstring xml:lang="en"> busy </faultstring></s:Fault></s:Body></s:Envelope>`,
    { faultstring: "busy" },
  ],
  ["character data", `<e><message><![CDATA[{"a":"<b>"}]]></message></e>`, { message: `{"a":"<b>"}` }],
  ["the first of two", `<e><code>1</code><code>2</code></e>`, { code: "1" }],
])("%s is read", (_, text, fields) => {
  expect(parseXml(text)).toEqual(fields)
})

test.each([
  ["a page", "<!DOCTYPE html><html><title>no</title></html>"],
  ["a page without a head", "<body><title>no</title></body>"],
  ["elements of something else", "<p>the error</p>"],
  ["a text with elements", "see <code>x</code>"],
  ["an element with a text behind", "<code>x</code> is wrong"],
  ["what is too long", `<code>${"x".repeat(65_536)}</code>`],
])("%s is no document of an error", (_, text) => {
  expect(parseXml(text)).toBeUndefined()
})
