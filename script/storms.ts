/**
 * Counts the requests that answers without a proper end bring about within some seconds, with OpenCode alone and
 * with the plugin as it is built, and writes them into docs/storms.md.
 *
 * npm run storms
 */
import { join } from "node:path"
import packageJson from "../package.json" with { type: "json" }
import { startHost } from "../test/e2e/harness/host.ts"
import { endings } from "./storms/endings.ts"

const seconds = 6

/** Requests to the failing model, for each ending, and whether the turn has ended. */
async function count(plugin: "dist" | "none"): Promise<readonly string[]> {
  await using host = await startHost({ plugin })
  // The first turn of a process is slow, and none of those that are measured.
  await (await host.session()).prompt("hello", { agent: host.chain("chat", "chat").agent })
  const counts: string[] = []
  for (const { step } of endings) {
    const { agent, primary } = host.chain("chat", "chat")
    host.simulator.always(primary, step)
    const session = await host.session()
    await session.promptAsync("hello", { agent })
    await host.simulator.waitForRequest(primary)
    await Bun.sleep(seconds * 1_000)
    const requests = host.simulator.requests(primary).length
    counts.push(session.idles().length > 0 ? `${requests}` : `${requests}, going on`)
    await session.abort()
  }
  return counts
}

const [alone, withUs] = [await count("none"), await count("dist")]
const rows = endings.map(({ name }, index) => `| ${name} | ${alone[index]} | ${withUs[index]} |`)
const page = [
  "# Answers that bring about request after request",
  "",
  `Written by \`npm run storms\`; do not edit. A provider answers with status 200 and one of these, each time that it is asked. OpenCode ${packageJson.devDependencies["opencode-ai"]} takes some of them for a step that is to be followed by another, at once and without end. Requests to that provider within ${seconds} seconds of one prompt; with Understudy a fallback is set, and it answers where there is no answer.`,
  "",
  "| The provider answers with | OpenCode alone | with Understudy |",
  "| --- | --- | --- |",
  ...rows,
  "",
].join("\n")
await Bun.write(join(import.meta.dir, "../docs/storms.md"), page)
console.log(rows.join("\n"))
