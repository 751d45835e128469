import type { AnyHost } from "../../test/e2e/harness/any-host.ts"
import type { HostOptions } from "../../test/e2e/harness/host-options.ts"
import { Simulator } from "../../test/simulator/index.ts"
import type { ProviderRow } from "./provider-row.ts"
import { type Situation, situations } from "./situations.ts"

/** What came of one situation: nothing to say, or what was wrong. */
export type Outcome = { readonly situation: string; readonly fault: string | undefined }
export type RowResult = { readonly row: ProviderRow; readonly outcomes: readonly Outcome[] }

/** `id` is the agent's. */
type Trial = {
  readonly id: string
  readonly provider: string
  readonly model: string
  readonly row: ProviderRow
  readonly situation: Situation
}

const fallback = "alpha/one"
/** OpenCode 2 announces a switch as a retry that is due at once. */
const mostWaitMs = 500

/** Runs every situation on every row, on one OpenCode with the plugin as it is built. */
export async function runRows(
  rows: readonly ProviderRow[],
  start: (options: HostOptions) => Promise<AnyHost>,
): Promise<readonly RowResult[]> {
  const trials = rows.flatMap((row, index) => trialsOf(row, index))
  await using google = startMetadataServer()
  await using simulator = await Simulator.start()
  await using host = await start({
    ...hostOptions(trials, simulator.origin),
    environment: { GCE_METADATA_HOST: google.address, GCE_METADATA_IP: google.address },
  })
  const results: RowResult[] = []
  for (const row of rows) {
    const outcomes: Outcome[] = []
    for (const trial of trials.filter((other) => other.row === row))
      outcomes.push({ situation: trial.situation.name, fault: await faultOf(host, simulator, trial) })
    results.push({ row, outcomes })
  }
  return results
}

/** A provider of its own for each situation, where it may have any name: a limit may concern all of its models. */
function trialsOf(row: ProviderRow, index: number): readonly Trial[] {
  return situations
    .filter((situation) => row.hasNoTools !== true || situation.needsTools !== true)
    .map((situation, number) => {
      const id = `row${index}x${number}`
      return { id, provider: row.provider ?? id, model: `m${number}`, row, situation }
    })
}

function hostOptions(trials: readonly Trial[], origin: string): HostOptions {
  return {
    understudy: {
      agents: Object.fromEntries(trials.map(({ id }) => [id, { fallback_models: [fallback] }])),
    },
    opencode: {
      provider: Object.fromEntries(
        trials.map(({ provider, row }) => [provider, providerOf(row, provider, origin)]),
      ),
      agent: Object.fromEntries(
        trials.map(({ id, provider, model }) => [
          id,
          { mode: "primary", model: `${provider}/${model}`, description: id },
        ]),
      ),
    },
  }
}

function providerOf({ npm, options }: ProviderRow, name: string, origin: string): object {
  const model = (id: string): object => ({
    name: id,
    tool_call: true,
    limit: { context: 200_000, output: 32_000 },
  })
  const models = Object.fromEntries(situations.map((_, number) => [`m${number}`, model(`m${number}`)]))
  return { npm, name, options: options(`${origin}/${name}`), models }
}

async function faultOf(
  host: AnyHost,
  simulator: Simulator,
  { id, provider, model, situation }: Trial,
): Promise<string | undefined> {
  const primary = `${provider}/${model}`
  simulator.script(primary, [situation.step(host.tools)])
  const session = await host.session()
  const reply = await Promise.race([session.prompt("hello", { agent: id }), Bun.sleep(15_000)])
  if (!reply) {
    await session.abort()
    return "the turn does not end"
  }
  const asked = simulator.requests(primary)
  const sent = JSON.stringify(asked.map(({ headers, body, path }) => [headers, path, body]))
  if (sent.replaceAll("understudy-home-", "").includes("understudy")) return "a word of ours was sent"
  if (asked.length === 0) return "never asked"
  // A call asks again with its result.
  if (asked.length > (situation.fails ? 1 : 2)) return `${asked.length} requests`
  if (reply.error !== undefined) return "the turn fails"
  const isFelt = session.setbacks().some((one) => one.kind === "error" || one.waitMs > mostWaitMs)
  if (isFelt) return "OpenCode retries"
  const expected = situation.fails ? fallback : primary
  return reply.model === expected ? undefined : `answered by ${reply.model}`
}

/** Vertex asks for a token before its first request. */
function startMetadataServer(): AsyncDisposable & { readonly address: string } {
  const headers = { "metadata-flavor": "Google" }
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) =>
      url.includes("/token")
        ? Response.json({ access_token: "t", expires_in: 3_600, token_type: "Bearer" }, { headers })
        : new Response("ok", { headers }),
  })
  return {
    address: `127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: async () => {
      await server.stop(true)
    },
  }
}
