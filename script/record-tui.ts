/**
 * Records OpenCode's real terminal interface while a model fails, and writes the film to `assets/switching.svg`.
 * `node script/bun.mjs script/record-tui.ts`; needs tmux and the built plugin. The providers are simulated.
 */
import { join } from "node:path"
import { hasTmux, startTui, type Tui } from "../test/e2e/harness/tui.ts"
import { after, call, gate, repeat, say, Simulator, status, stream, wait } from "../test/simulator/index.ts"
import { readScreen } from "./record-tui/screen.ts"
import { own, providers, understudyModels } from "./record-tui/stage.ts"
import { type Frame, svgFilm } from "./record-tui/svg-film.ts"

/** The machine may be busy; nothing of this is measured. */
const patienceMs = 60_000
const size = { columns: 100, rows: 22 }
const output = join(import.meta.dir, "../assets/switching.svg")
const title =
  "OpenCode's terminal interface: Claude Opus 4.5 answers 429 in the middle of a turn, a toast says so, and GPT-5.2 finishes the turn"

const toast = /Understudy/
/** The prompt box, on the user's own model. */
const promptBox = /Build\s+·\s+Claude Opus 4\.5 Anthropic/

if (!hasTmux) throw new Error("tmux is missing: it is what the interface is recorded with")
await using simulator = await Simulator.start()
await using tui = await startTui({
  ...size,
  understudy: "{}",
  opencode: {
    enabled_providers: Object.keys(providers(simulator.origin)),
    model: own,
    small_model: "google/gemini-3-flash-preview",
    provider: providers(simulator.origin),
    agent: { build: { model: own, fallback_models: understudyModels } },
  },
  files: { "src/limits.ts": "/** Requests per minute and key. */\nexport const requestsPerMinute = 60\n" },
})
const frames = await film(tui)
await Bun.write(output, svgFilm(title, frames, size))
console.log(`${output}: ${frames.length} frames, ${Math.round(Bun.file(output).size / 1_024)} KB`)

async function film(shown: Tui): Promise<readonly Frame[]> {
  const [asked, failing, half] = [gate(), gate(), gate()]
  simulator.script(own, [
    after(
      asked,
      stream(
        say("I look at the source first."),
        call("read", { filePath: join(shown.home.project, "src/limits.ts") }),
      ),
    ),
    after(failing, status(429, { headers: { "retry-after": "1080" } })),
    repeat(status(429, { headers: { "retry-after": "1080" } })),
  ])
  simulator.script("openai/gpt-5.2", [
    stream(
      say("The limit is **60 requests per minute** for each key."),
      wait(half),
      say("\n\nIt stands in `src/limits.ts` as `requestsPerMinute`."),
    ),
  ])
  const taken: Frame[] = []
  const take = async (caption: string, shownMs: number): Promise<void> => {
    taken.push({ rows: readScreen(await coloredScreen(shown)), caption, shownMs })
  }
  await shown.prompt("What is the rate limit of our API?")
  await asked.reached
  await shown.waitForScreen(/esc interrupt/, patienceMs)
  await take("You ask. Your own model, Claude Opus 4.5, takes the turn.", 2_500)
  asked.open()
  await failing.reached
  await shown.waitForScreen(/Read src/, patienceMs)
  await take("It reads a file. The tool has run, the next step is on its way.", 2_500)
  failing.open()
  await half.reached
  await shown.waitForScreen(/60 requests per minute/, patienceMs)
  await shown.waitForScreen(toast, patienceMs)
  await shown.waitForScreen(promptBox, patienceMs)
  await take("429, back in 18 minutes. The turn continues on GPT-5.2.", 4_000)
  half.open()
  // The last picture is the one that stands still in print and in previews: with the toast.
  await shown.waitForScreen(new RegExp(`${toast.source}[^]*It stands in(?![^]*esc interrupt)`), patienceMs)
  await take(
    "A toast says why. The answer is labelled with its model, and the prompt box keeps your choice.",
    6_000,
  )
  return taken
}

/** As `tui.screen()`, with the colours. */
async function coloredScreen({ home }: Tui): Promise<string> {
  const command = ["tmux", "-S", join(home.path, "tmux.sock"), "capture-pane", "-p", "-e", "-t", "tui"]
  const screen = await new Response(Bun.spawn(command, { stdout: "pipe" }).stdout).text()
  // Nobody works in a temporary folder; what follows on the line stays where it is.
  const path = join(home.path, "project")
  return screen.replaceAll(path, "~/project".padEnd(path.length))
}
