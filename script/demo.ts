import opencodePackage from "opencode-ai/package.json" with { type: "json" }
/**
 * A real OpenCode whose model fails, with the plugin and without it. See README; started by `npm run demo`.
 * OpenCode 2 where npm has it for this machine, else OpenCode 1; `npm run demo -- 1` or `-- 2` asks for one of them.
 */
import colors from "picocolors"
import { findOpenCode2, release2 } from "../test/e2e/harness/opencode2/find-binary.ts"
import { Simulator } from "../test/simulator/index.ts"
import { headings, sideBySide } from "./demo/columns.ts"
import { type Played, playScene, type Stage } from "./demo/play-scene.ts"
import { scenes } from "./demo/scene.ts"
import { startSimulatedOpenCode, thisPlugin } from "./simulated-opencode.ts"

/** The plugin answers in well under a second; OpenCode alone is watched for as long as a reader has patience. */
const patienceMs = { withPlugin: 20_000, alone: 3_000 }
/** Nothing here takes a fraction of this, unless it hangs. */
const wholeLimitMs = 90_000

const limit = setTimeout(() => {
  console.error(`The demo did not end within ${wholeLimitMs / 1_000} s.`)
  process.exit(1)
}, wholeLimitMs)
try {
  process.exitCode = (await run()) ? 0 : 1
} finally {
  clearTimeout(limit)
}

async function run(): Promise<boolean> {
  const version = await chooseVersion(process.argv[2])
  const versions = `OpenCode ${version === 1 ? opencodePackage.version : release2.version}`
  console.log(
    `${colors.bold("opencode-understudy")}: a real ${versions}, simulated providers on loopback, no key, no network`,
  )
  await using cleanup = new AsyncDisposableStack()
  const [withPlugin, alone] = await Promise.all([
    openStage(version, [thisPlugin], cleanup),
    openStage(version, [], cleanup),
  ])
  await Promise.all([withPlugin, alone].map(warmUp))
  const left: Played[] = []
  for (const scene of scenes) left.push(await playScene(scene, withPlugin, patienceMs.withPlugin))
  const right = await Promise.all(scenes.map((scene) => playScene(scene, alone, patienceMs.alone)))
  console.log(`\n${headings("with Understudy", "OpenCode alone")}`)
  for (const [index, { title }] of scenes.entries()) {
    console.log(`\n${colors.bold(`${index + 1}  ${title}`)}`)
    for (const line of sideBySide(left[index]?.moments ?? [], right[index]?.moments ?? [])) console.log(line)
  }
  const answered = left.filter((played) => played.answered).length
  const summary = `The fallback answered in ${answered} of ${scenes.length} turns.`
  console.log(`\n${answered === scenes.length ? colors.green(summary) : colors.red(summary)}`)
  return answered === scenes.length
}

async function chooseVersion(asked: string | undefined): Promise<1 | 2> {
  if (asked === "1") return 1
  console.log(colors.dim("Looking for OpenCode 2, which npm brings once and the cache folder keeps …"))
  const opencode2 = await findOpenCode2()
  if (opencode2.found) return 2
  if (asked === "2") throw new Error(opencode2.why)
  console.log(`OpenCode 1, because ${opencode2.why}`)
  return 1
}

async function openStage(
  version: 1 | 2,
  plugins: readonly string[],
  cleanup: AsyncDisposableStack,
): Promise<Stage> {
  const simulator = cleanup.use(await Simulator.start())
  const agents = Object.fromEntries(
    scenes.map(({ agent, primary, fallback }) => [agent, { model: primary, fallbackModels: [fallback] }]),
  )
  const opencode = cleanup.use(
    await startSimulatedOpenCode({ version, origin: simulator.origin, plugins, agents }),
  )
  return { simulator, opencode }
}

/** The first turn of a process, and the first with each SDK, loads code: that is not what is shown here. */
async function warmUp({ opencode }: Stage): Promise<void> {
  for (const { fallback } of scenes) await (await opencode.session()).prompt("hello", { model: fallback })
}
