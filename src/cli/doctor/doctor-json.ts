import { withoutPassword } from "../../config/short-value.ts"
import { describeSkip } from "../../core/describe-skip.ts"
import type { JsonObject } from "../../core/json-object.ts"
import type { ChainModel } from "../installation/agent-chains.ts"
import { packageFacts } from "../opencode/package-facts.ts"
import { isoTime } from "../terminal/terminal.ts"
import type { Diagnosis } from "./diagnose.ts"
import type { Facts } from "./facts.ts"
import { isSupported } from "./findings/installation.ts"

export function doctorJson(facts: Facts, { views, findings }: Diagnosis): JsonObject {
  const { openCode, answers, own, catalog, releases, health, keys, now } = facts
  const version = answers?.version.ok ? answers.version.value : undefined
  const standing = (model: ChainModel): JsonObject => standingJson(model, now)
  return {
    understudy: packageFacts.version,
    releases: releases && {
      spec: releases.spec,
      installed: releases.installed,
      newest: releases.newest?.ok ? releases.newest.value : undefined,
    },
    opencode: openCode && {
      path: openCode,
      version,
      supportedRange: packageFacts.openCodeRange,
      isSupported: version && isSupported(version),
    },
    settingsFiles: own.files,
    store: { setting: withoutPassword(own.settings.runtime_fallback.store), state: health.state },
    catalog: catalog.known
      ? { known: true, providers: [...catalog.providers], models: catalog.models.size }
      : { known: false },
    keys,
    chains: views.map(({ kind, name, category, chain: { origin }, primary, fallbacks }) => ({
      kind,
      name,
      category,
      origin,
      model: primary && standing(primary),
      fallbacks: fallbacks.map(standing),
    })),
    findings,
  }
}

function standingJson({ entry, reason, capabilities }: ChainModel, now: number): JsonObject {
  return {
    ...entry,
    isUsable: reason === undefined,
    reason: reason?.why,
    reasonText: reason && describeSkip(reason, now),
    until: reason && "until" in reason ? isoTime(reason.until) : undefined,
    capabilities,
  }
}
