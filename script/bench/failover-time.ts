import { type RecordedRequest, Simulator, status, text, toolCall } from "../../test/simulator/index.ts"
import { type SimulatedOpenCode, startSimulatedOpenCode, thisPlugin } from "../simulated-opencode.ts"

/** Milliseconds, one value for each sample, all taken in turn in one run of one OpenCode. */
export type FailoverTimes = {
  /** From the failed answer of the primary to the arrival of the fallback's request. */
  readonly switches: readonly number[]
  /** From an answer that calls a tool to the arrival of the next step's request, for each tool. */
  readonly ownSteps: Readonly<Record<ToolName, readonly number[]>>
}

/** Tools whose own work is next to nothing. */
export type ToolName = "todowrite" | "read" | "bash"

const fallback = "local/fallback"

/** Each sample has a primary of its own: one that has failed cools down and would not be asked again. */
export async function measureFailover(samples: number): Promise<FailoverTimes> {
  await using simulator = await Simulator.start()
  const names = Array.from({ length: samples + 1 }, (_, index) => `sample-${index}`)
  await using opencode = await startSimulatedOpenCode({
    origin: simulator.origin,
    plugins: [thisPlugin],
    agents: Object.fromEntries(
      names.map((name) => [name, { model: `local/${name}`, fallbackModels: [fallback] }]),
    ),
  })
  await Bun.write(`${opencode.project}/note.txt`, "one line\n")
  const inputs: Readonly<Record<ToolName, unknown>> = {
    todowrite: { todos: [{ content: "one", status: "pending", priority: "low", id: "1" }] },
    read: { filePath: `${opencode.project}/note.txt` },
    bash: { command: "true", description: "nothing" },
  }
  const ownSteps: Record<ToolName, number[]> = { todowrite: [], read: [], bash: [] }
  const switches: number[] = []
  for (const [index, name] of names.entries()) {
    const taken = [await switchMs(simulator, opencode, name)]
    const steps = [] as number[]
    for (const tool of tools)
      steps.push(await ownStepMs(simulator, opencode, name, toolCall(tool, inputs[tool])))
    // The first round warms up.
    if (index === 0) continue
    switches.push(...taken)
    for (const [position, tool] of tools.entries()) ownSteps[tool].push(steps[position] ?? Number.NaN)
  }
  return { switches, ownSteps }
}

const tools: readonly ToolName[] = ["todowrite", "read", "bash"]

async function switchMs(simulator: Simulator, opencode: SimulatedOpenCode, agent: string): Promise<number> {
  const session = await opencode.session()
  simulator.script(`local/${agent}`, [status(429)])
  simulator.script(fallback, [text("taken over")])
  const answer = await newRequests(simulator, () => session.prompt("hello", { agent }))
  return between(answer, `local/${agent}`, fallback)
}

async function ownStepMs(
  simulator: Simulator,
  opencode: SimulatedOpenCode,
  agent: string,
  call: ReturnType<typeof toolCall>,
): Promise<number> {
  const session = await opencode.session()
  simulator.script(fallback, [call, text("done")])
  const answer = await newRequests(simulator, () => session.prompt("hello", { agent, model: fallback }))
  return between(answer, fallback, fallback)
}

async function newRequests(
  simulator: Simulator,
  run: () => Promise<unknown>,
): Promise<readonly RecordedRequest[]> {
  const before = simulator.requests().length
  await run()
  return simulator.requests().slice(before)
}

function between(requests: readonly RecordedRequest[], from: string, to: string): number {
  const [first, second, ...more] = requests
  const isExpected = first?.model === from && second?.model === to && more.length === 0
  if (!isExpected || first.endedAtMs === undefined) {
    throw new Error(`Not the expected requests: ${requests.map((request) => request.model).join(", ")}`)
  }
  return second.atMs - first.endedAtMs
}
