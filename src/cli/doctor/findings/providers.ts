import { replayedPackages } from "../../../opencode/v1/replayed-packages.ts"
import { isVersion2 } from "../../opencode/ask-opencode.ts"
import { packageFacts } from "../../package-facts.ts"
import type { ChainView } from "../agent-chains.ts"
import type { Facts } from "../facts.ts"
import type { Finding } from "../finding.ts"

/** Models of the user's chains whose failures cannot be met inside the turn. OpenCode 2 has a way for all of them. */
export function replayFindings({ answers }: Facts, views: readonly ChainView[]): readonly Finding[] {
  if (!answers?.models.ok || (answers.version.ok && isVersion2(answers.version.value))) return []
  const packages = new Map(answers.models.value.models.map(({ key, npm }) => [key, npm]))
  const used = views.flatMap(({ primary, fallbacks }) => [...(primary ? [primary] : []), ...fallbacks])
  return used.flatMap(({ entry: { model } }) => {
    const why = replayedPackages.get(packages.get(model) ?? "")
    if (why === undefined) return []
    return [
      {
        severity: "info",
        code: "handled-by-replay",
        where: model,
        what: `A failure of ${model} is handled by a replay, after OpenCode's own retries: ${why}.`,
        advice: `\`opencode run\` and a waiting parent agent do not get the fallback's answer. ${packageFacts.docs}/providers.md names the packages.`,
      },
    ]
  })
}
