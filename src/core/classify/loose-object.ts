const maxDepth = 14
const maxNodes = 2000

type Reading = { readonly text: string; at: number; nodesLeft: number }

const blank = /[\s\0]/
const bareStop = /[\s,:{}[\]()"']/
const words: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  none: null,
  undefined: undefined,
}
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "", f: "" }

function skipBlanks(reading: Reading): string {
  while (blank.test(reading.text[reading.at] ?? "x")) reading.at += 1
  return reading.text[reading.at] ?? ""
}

/** A quote ends a string where a list, an object or the text goes on after it: relays forget to escape. */
function endsString(text: string, at: number): boolean {
  const next = /^[\s]{0,8}(.?)/s.exec(text.slice(at, at + 10))?.[1] ?? ""
  return next === "" || ",:}])".includes(next)
}

function readString(reading: Reading, quote: string): string {
  const { text } = reading
  const parts: string[] = []
  let from = (reading.at += 1)
  for (; reading.at < text.length; reading.at += 1) {
    const char = text[reading.at]
    if (char === "\\") {
      const escaped = text[reading.at + 1] ?? ""
      parts.push(text.slice(from, reading.at))
      const unicode =
        escaped === "u" ? /^[\da-f]{4}/i.exec(text.slice(reading.at + 2, reading.at + 6))?.[0] : undefined
      parts.push(
        unicode === undefined
          ? (escapes[escaped] ?? escaped)
          : String.fromCodePoint(Number.parseInt(unicode, 16)),
      )
      reading.at += 1 + (unicode === undefined ? 0 : 4)
      from = reading.at + 1
    } else if (char === quote && endsString(text, reading.at + 1)) break
  }
  parts.push(text.slice(from, reading.at))
  reading.at += 1
  return parts.join("")
}

function readBare(reading: Reading): string {
  const { text } = reading
  const from = reading.at
  // A path of Rust's is one word: `hyper_util::client::legacy::Error`.
  while (
    reading.at < text.length &&
    (text.startsWith("::", reading.at) || !bareStop.test(text[reading.at] ?? ""))
  )
    reading.at += text.startsWith("::", reading.at) ? 2 : 1
  return text.slice(from, reading.at)
}

function readList(reading: Reading, depth: number): unknown[] {
  const list: unknown[] = []
  reading.at += 1
  for (;;) {
    const char = skipBlanks(reading)
    if (char === "" || char === "}") return list
    if (char === "]" || char === ")") {
      reading.at += 1
      return list
    }
    const before = reading.at
    if (char !== ",") list.push(readValue(reading, depth + 1))
    if (reading.at === before) reading.at += 1
  }
}

function readPairs(reading: Reading, depth: number): Record<string, unknown> {
  const pairs: Record<string, unknown> = {}
  reading.at += 1
  while (reading.nodesLeft > 0) {
    const char = skipBlanks(reading)
    if (char === "" || char === "]") return pairs
    if (char === "}") {
      reading.at += 1
      return pairs
    }
    const before = reading.at
    const key = char === '"' || char === "'" ? readString(reading, char) : readBare(reading)
    if (skipBlanks(reading) === ":") {
      reading.at += 1
      const value = readValue(reading, depth + 1)
      if (key !== "" && key !== "__proto__") pairs[key] = value
    }
    if (reading.at === before) reading.at += 1
  }
  return pairs
}

function readValue(reading: Reading, depth: number): unknown {
  reading.nodesLeft -= 1
  const char = skipBlanks(reading)
  if (reading.nodesLeft <= 0 || depth > maxDepth) {
    reading.at = reading.text.length
    return undefined
  }
  if (char === "{") return readPairs(reading, depth)
  if (char === "[" || char === "(") return readList(reading, depth)
  if (char === '"' || char === "'") return readString(reading, char)
  // Python's bytes: `b'{"message":…}'`.
  if (/^[bru]["']/.test(reading.text.slice(reading.at, reading.at + 2))) {
    reading.at += 1
    return readString(reading, reading.text[reading.at] ?? '"')
  }
  const bare = readBare(reading)
  // Rust's `Some("…")`, `Error(Connect, Os { code: 61 })`.
  if (reading.text[reading.at] === "(") {
    const list = readList(reading, depth)
    return list.find((item) => typeof item === "object") ?? list[0]
  }
  if (bare !== "" && reading.text.startsWith(" {", reading.at)) {
    reading.at += 1
    return readPairs(reading, depth)
  }
  if (Object.hasOwn(words, bare.toLowerCase())) return words[bare.toLowerCase()]
  return /^-?\d{1,15}(?:\.\d+)?$/.test(bare) ? Number(bare) : bare
}

/** A brace, a key and a colon: anything else in braces is no object. */
const opening = /\{\s{0,40}(?:"[^"\n]{1,120}"|'[^'\n]{1,120}'|[\w$.@-]{1,120})\s{0,8}:/y

/**
 * Reads an object as languages print them: JSON, also cut off or with unescaped quotes, a Python dictionary,
 * a JavaScript object. Never throws; time grows with the length.
 *
 * @param from where its brace stands
 * @returns the object, `undefined` where braces hold something else, and where it ends
 */
export function readLooseObject(
  text: string,
  from: number,
): { readonly object: Readonly<Record<string, unknown>> | undefined; readonly end: number } {
  opening.lastIndex = from
  if (!opening.test(text)) return { object: undefined, end: from + 1 }
  const reading: Reading = { text, at: from, nodesLeft: maxNodes }
  return { object: readPairs(reading, 0), end: reading.at }
}
