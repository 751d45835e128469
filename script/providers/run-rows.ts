import { startHost } from "../../test/e2e/harness/host.ts"
import type { Host } from "../../test/e2e/harness/host.ts"
import { Simulator } from "../../test/simulator/index.ts"
import type { ProviderRow } from "./provider-row.ts"
import { type Situation, situations } from "./situations.ts"

/** What came of one situation: nothing to say, or what was wrong. */
export type Outcome = { readonly situation: string; readonly fault: string | undefined }
export type RowResult = { readonly row: ProviderRow; readonly outcomes: readonly Outcome[] }

type Trial = { readonly id: string; readonly row: ProviderRow; readonly situation: Situation }

const fallback = "alpha/one"
/** OpenCode's own retries of a failure come to less. */
const mostRequests = 4

/** Runs every situation on every row, on one OpenCode with the plugin as it is built. */
export async function runRows(rows: readonly ProviderRow[]): Promise<readonly RowResult[]> {
  const trials = rows.flatMap((row, index) => trialsOf(row, index))
  await using google = startMetadataServer()
  await using simulator = await Simulator.start()
  await using host = await startHost({
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

function trialsOf(row: ProviderRow, index: number): readonly Trial[] {
  return situations
    .filter((situation) => row.hasNoTools !== true || situation.needsTools !== true)
    .map((situation, number) => ({ id: `row${index}x${number}`, row, situation }))
}

function hostOptions(trials: readonly Trial[], origin: string): Parameters<typeof startHost>[0] {
  return {
    understudy: {
      agents: Object.fromEntries(trials.map(({ id }) => [id, { fallback_models: [fallback] }])),
    },
    opencode: {
      provider: Object.fromEntries(
        trials.map(({ id, row }) => [
          id,
          {
            npm: row.npm,
            name: id,
            options: row.options(`${origin}/${id}`),
            models: { one: { name: "one", tool_call: true, limit: { context: 200_000, output: 32_000 } } },
          },
        ]),
      ),
      agent: Object.fromEntries(
        trials.map(({ id }) => [id, { mode: "primary", model: `${id}/one`, description: id }]),
      ),
    },
  }
}

async function faultOf(
  host: Host,
  simulator: Simulator,
  { id, situation }: Trial,
): Promise<string | undefined> {
  simulator.script(`${id}/one`, [situation.step])
  const session = await host.session()
  const reply = await Promise.race([session.prompt("hello", { agent: id }), Bun.sleep(15_000)])
  if (!reply) {
    await session.abort()
    return "the turn does not end"
  }
  const asked = simulator.requests(`${id}/one`)
  const sent = JSON.stringify(asked.map(({ headers, body, path }) => [headers, path, body]))
  if (sent.replaceAll("understudy-home-", "").includes("understudy")) return "a word of ours was sent"
  if (asked.length > mostRequests) return `${asked.length} requests`
  if (reply.error !== undefined) return "the turn fails"
  if (session.retries().length > 0) return "OpenCode retries"
  const expected = situation.fails ? fallback : `${id}/one`
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
