import { beforeAll, describe, expect, test } from "bun:test"

type Outputs = NonNullable<Bun.BuildOutput["metafile"]>["outputs"]

let outputs: Outputs = {}

beforeAll(async () => {
  const { metafile } = await Bun.build({
    entrypoints: [new URL("../../../src/index.ts", import.meta.url).pathname],
    target: "bun",
    splitting: true,
    minify: { syntax: true, whitespace: true, identifiers: false },
    metafile: true,
  })
  outputs = metafile?.outputs ?? {}
})

/** Our files that OpenCode reads for these: with each, what it imports at once. */
function readAtOnce(entries: readonly string[]) {
  const names = new Set(
    Object.keys(outputs).filter((name) =>
      entries.some((entry) => outputs[name]?.entryPoint?.endsWith(entry)),
    ),
  )
  expect(names.size).toBe(entries.length)
  for (const name of names)
    for (const { kind, path } of outputs[name]?.imports ?? [])
      if (kind === "import-statement") names.add(path)
  const read = [...names].flatMap((name) => outputs[name] ?? [])
  return {
    inputs: read.flatMap((output) => Object.keys(output.inputs)),
    bytes: read.reduce((sum, output) => sum + output.bytes, 0),
  }
}

describe.each([
  [1, ["src/index.ts"]],
  [2, ["src/index.ts", "src/opencode/v2/setup.ts"]],
])("OpenCode %i", (_version, entries) => {
  test("reads neither the classifier, nor a store, nor a protocol, nor a schema, nor an engine at its start", () => {
    const { inputs, bytes } = readAtOnce(entries)
    const late =
      /core\/classify\/tables|core\/retry-at|\/store\/(?:sqlite|redis)|transport\/wire|\/failover\/|re2js|\/zod\/|\/engine\.ts$/
    expect(inputs).not.toBeEmpty()
    expect(inputs.filter((input) => late.test(input))).toEqual([])
    expect(bytes / 1024).toBeLessThan(64)
  })
})

test("the lists of words are not published, only the index made of them", () => {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs))
  expect(inputs.filter((input) => input.includes("/classify/words/"))).not.toBeEmpty()
  expect(inputs.filter((input) => /words\/(?:concepts|states|subjects)/.test(input))).toEqual([])
})
