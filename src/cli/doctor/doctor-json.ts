import { withoutPassword } from "../../config/short-value.ts"
import { describeSkip } from "../../core/describe-skip.ts"
import type { JsonObject } from "../../core/json-object.ts"
import type { ChainModel, ChainView } from "../installation/agent-chains.ts"
import { packageFacts } from "../opencode/package-facts.ts"
import { isoTime } from "../terminal/terminal.ts"
import type { Diagnosis } from "./diagnose.ts"
import type { Facts } from "./facts.ts"
import { isSupported } from "./findings/installation.ts"

export function doctorJson(facts: Facts, { views, findings }: Diagnosis): JsonObject {
  const { openCode, answers, own, catalog } = facts
  const version = answers?.version.ok ? answers.version.value : null
  return {
    understudy: packageFacts.version,
    releases: releasesJson(facts.releases),
    opencode:
      openCode === undefined
        ? null
        : {
            path: openCode,
            version,
            supportedRange: packageFacts.openCodeRange,
            isSupported: version === null ? null : isSupported(version),
          },
    settingsFiles: own.files,
    store: { setting: withoutPassword(own.settings.runtime_fallback.store), state: facts.health.state },
    catalog: catalog.known
      ? { known: true, providers: [...catalog.providers], models: catalog.models.size }
      : { known: false },
    keys: facts.keys,
    chains: views.map((view) => viewJson(view, facts.now)),
    findings,
  }
}

function releasesJson(releases: Facts["releases"]): JsonObject | null {
  if (releases === undefined) return null
  const { spec, installed, newest } = releases
  return { spec, installed: installed ?? null, newest: newest?.ok ? newest.value : null }
}

function viewJson(view: ChainView, now: number): JsonObject {
  return {
    kind: view.kind,
    name: view.name,
    category: view.category ?? null,
    origin: view.chain.origin,
    model: view.primary === undefined ? null : standingJson(view.primary, now),
    fallbacks: view.fallbacks.map((standing) => standingJson(standing, now)),
    cycles: view.chain.cycles,
  }
}

function standingJson({ entry, reason, capabilities }: ChainModel, now: number): JsonObject {
  return {
    ...entry,
    isUsable: reason === undefined,
    reason: reason === undefined ? null : reason.why,
    reasonText: reason === undefined ? null : describeSkip(reason, now),
    until: reason !== undefined && "until" in reason ? isoTime(reason.until) : null,
    capabilities: capabilities ?? null,
  }
}
