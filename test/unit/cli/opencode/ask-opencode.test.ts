import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { writeFileSync } from "node:fs"
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { askOpenCode } from "../../../../src/cli/opencode/ask-opencode.ts"
import { runProgram } from "../../../../src/cli/opencode/run-program.ts"

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ask-"))
})
afterAll(() => rm(folder, { recursive: true }))

/** A program for the place of OpenCode. What it prints proves nothing about OpenCode, only how it is read. */
async function program(name: string, body: string): Promise<string> {
  const path = join(folder, name)
  await Bun.write(path, body)
  await chmod(path, 0o755)
  return path
}

const place = { env: {}, directory: tmpdir(), isInteractive: false, note: () => undefined }

test("an answer is whole though the program leaves before anybody can have read it", async () => {
  // As OpenCode does it: written, and gone at once. Through a pipe some 64 KiB of it arrive.
  const script = `#!${process.execPath}\nprocess.stdout.write("x".repeat(3_000_000)); process.exit(0)\n`
  const path = await program("leaves-early", script)
  // A folder of its own: other tests leave things in the system's.
  const usual = process.env["TMPDIR"]
  const own = await mkdtemp(join(folder, "tmp-"))
  process.env["TMPDIR"] = own
  try {
    const result = await runProgram(path, [], { ...place, timeoutMs: 20_000 })
    expect(result.ok && result.output.length).toBe(3_000_000)
    expect(await readdir(own)).toEqual([])
  } finally {
    if (usual === undefined) delete process.env["TMPDIR"]
    else process.env["TMPDIR"] = usual
  }
})

test.if(process.platform !== "win32")(
  "an answer has no name while it is waited for: nobody would remove it after Ctrl+C",
  async () => {
    const own = await mkdtemp(join(folder, "tmp-"))
    const path = await program("looks-around", `#!/bin/sh\nls -A ${own}\n`)
    const usual = process.env["TMPDIR"]
    process.env["TMPDIR"] = own
    try {
      expect(await runProgram(path, [], { ...place, timeoutMs: 20_000 })).toMatchObject({
        ok: true,
        output: "",
      })
    } finally {
      if (usual === undefined) delete process.env["TMPDIR"]
      else process.env["TMPDIR"] = usual
    }
  },
)

describe("askOpenCode", () => {
  const fake = (models: string, config: object = { model: "alpha/one" }): string => `#!/bin/sh
case "$1" in
  --version) echo 1.18.33 ;;
  --pure) echo '${JSON.stringify(config)}' ;;
  *) ${models} ;;
esac
`
  const whole = String.raw`alpha/one\n{\n  "name": "One"\n}\nbeta/two\n{\n  "name": "Two"\n}\n`

  test("an answer without a model is named as such", async () => {
    const { models } = await askOpenCode(
      await program("modelless", fake("echo 'nothing is connected'")),
      place,
    )
    expect(models).toEqual({ ok: false, why: "it names no model" })
  })

  test("a list of models that is cut is named as such, and counts as none", async () => {
    const path = await program("cut", fake(`printf '${whole.slice(0, 40)}'`))
    const { models } = await askOpenCode(path, place)
    expect(models).toEqual({ ok: false, why: "its list of models is cut" })
  })

  test.each([
    ["as the models say", {}, 0],
    ["never where the configuration says so", { compaction: { auto: false } }, undefined],
  ])("OpenCode compacts %s", async (_, config, at) => {
    const one = String.raw`alpha/one\n{\n  "limit": { "context": 30000, "output": 0 }\n}\n`
    const { models } = await askOpenCode(await program("compacts", fake(`printf '${one}'`, config)), place)
    const model = models.ok && models.value.known ? models.value.models.get("alpha/one") : undefined
    expect([model?.contextTokens, model?.compactsAt]).toEqual([30_000, at])
  })

  test("the configuration comes last: in a fresh home OpenCode 1 leaves a lock behind it, which the next start waits for", async () => {
    const asked = join(folder, "asked-in-order")
    const path = await program(
      "in-order",
      fake(`printf '${whole}'`).replace("\ncase", `\necho "$1" >> ${asked}\ncase`),
    )
    await askOpenCode(path, place)
    expect((await Bun.file(asked).text()).split("\n")).toEqual(["--version", "models", "--pure", ""])
  })

  /** A program for the place of OpenCode 2, whose server does what `serve` says. */
  const fake2 = (serve: string): string => `#!${process.execPath}
if (process.argv[2] === "--version") { console.log("2.0.15"); process.exit() }
${serve}`

  test("a server of OpenCode 2 that does not start is asked once, and the reason is given", async () => {
    const path = await program("no-server", fake2("process.exit(1)"))
    const { models } = await askOpenCode(path, place)
    expect(models).toEqual({ ok: false, why: "its server ended with code 1" })
  })

  test.each([
    ["echo local", "--stdio", true],
    ["exit 1", "--stdio", true],
    ["echo 0.0.0-next-202611270000", "--stdio", true],
    ["echo local", "--mdns", false],
    ["echo 1.18.33", "--stdio", false],
  ])(
    "of one that answers `%s` to --version and has `serve %s` it is %p that it is version 2",
    async (version, flag, is2) => {
      const name = `versions-${version.replaceAll(/\W/g, "")}${flag}`
      const path = await program(
        name,
        `#!/bin/sh\ncase "$*" in\n--version) ${version} ;;\n"serve --help") echo "  ${flag}" ;;\n*) exit 1 ;;\nesac\n`,
      )
      expect((await askOpenCode(path, place)).isVersion2).toBe(is2)
    },
  )

  test("what OpenCode 2 says while it reads the project does not count, and its server ends with the question", async () => {
    const ended = join(folder, "ended")
    const model = (id: string): object => ({ providerID: "alpha", id })
    // Nothing yet; a plugin is on its way; another list; the same again.
    const looks = [
      { model: [], agent: [], plugin: [] },
      { model: [model("early")], agent: [{ id: "build" }], plugin: ["loading"] },
      { model: [model("early")], agent: [{ id: "build" }], plugin: ["loading"] },
      { model: [model("one")], agent: [{ id: "build" }], plugin: ["active", "failed"] },
      { model: [model("one")], agent: [{ id: "build" }], plugin: ["active", "failed"] },
    ]
    const path = await program(
      "starting",
      fake2(`const looks = ${JSON.stringify(looks)}
const asked = { model: 0, agent: 0, plugin: 0 }
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => {
  if (request.headers.get("authorization") !== "Basic " + btoa("opencode:" + process.env.OPENCODE_PASSWORD)) return new Response("", { status: 401 })
  const what = new URL(request.url).pathname.split("/").at(-1)
  const data = looks[Math.min(asked[what]++, 4)][what]
  return Response.json({ data: what === "plugin" ? data.map((status) => ({ state: { status } })) : data })
} })
console.log(JSON.stringify({ url: "http://127.0.0.1:" + server.port }))
for await (const _ of process.stdin) {}
await Bun.write(${JSON.stringify(ended)}, "")
process.exit()`),
    )
    const { models, agents } = await askOpenCode(path, place)
    expect(models.ok && models.value.known && [...models.value.models.keys()]).toEqual(["alpha/one"])
    expect(agents).toEqual([{ id: "build" }])
    expect(await Bun.file(ended).exists()).toBeTrue()
  })

  test("an OpenCode that is asked tries npm's registry once, unless it is told otherwise", async () => {
    const path = await program(
      "tells",
      "#!/bin/sh\necho $npm_config_fetch_retries,$npm_config_fetch_timeout\n",
    )
    const env = { npm_config_fetch_timeout: "7" }
    const result = await runProgram(path, [], { ...place, env, timeoutMs: 20_000 })
    expect(result.ok && result.output).toBe("0,7\n")
  })

  test("a person who waits is told for what", async () => {
    const flag = join(folder, "noted")
    // Answers only when the person has been told.
    const path = await program("slow", fake(`while [ ! -e ${flag} ]; do sleep 0.05; done; printf '${whole}'`))
    const notes: string[] = []
    const note = (text: string): void => {
      notes.push(text)
      writeFileSync(flag, "")
    }
    await askOpenCode(path, { ...place, isInteractive: true, note })
    expect(notes).toEqual(["Asking OpenCode for its settings and models …"])
  })
})
