import { expect, test } from "bun:test"

/** Our files that OpenCode reads at its start: the entry and what it imports at once. */
async function readAtOnce(): Promise<{ readonly inputs: readonly string[]; readonly bytes: number }> {
  const { metafile } = await Bun.build({
    entrypoints: [new URL("../../../src/index.ts", import.meta.url).pathname],
    target: "bun",
    splitting: true,
    minify: { syntax: true, whitespace: true, identifiers: false },
    metafile: true,
  })
  const outputs = metafile?.outputs ?? {}
  const names = new Set(Object.keys(outputs).filter((name) => name.endsWith("index.js")))
  for (const name of names)
    for (const { kind, path } of outputs[name]?.imports ?? [])
      if (kind === "import-statement") names.add(path)
  const read = [...names].flatMap((name) => outputs[name] ?? [])
  return {
    inputs: read.flatMap((output) => Object.keys(output.inputs)),
    bytes: read.reduce((sum, output) => sum + output.bytes, 0),
  }
}

test("OpenCode's start reads neither the classifier, nor a store, nor a protocol, nor the engine of either version", async () => {
  const { inputs, bytes } = await readAtOnce()
  const late =
    /core\/classify\/tables|core\/retry-at|\/store\/(?:sqlite|redis)|transport\/wire|\/failover\/|re2js|\/engine\.ts$/
  expect(inputs).not.toBeEmpty()
  expect(inputs.filter((input) => late.test(input))).toEqual([])
  // Half of what it was in 0.1: 366 KiB.
  expect(bytes / 1024).toBeLessThan(183)
})
