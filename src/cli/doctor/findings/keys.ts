import type { SettingsPath } from "../../../config/settings-problem.ts"
import { providerOf } from "../../../core/model-ref.ts"
import type { ChainView } from "../../installation/agent-chains.ts"
import type { Facts } from "../facts.ts"
import { type Found, placeOfSetting } from "../finding.ts"

/** Providers whose requests bear no key: a login that is renewed, or a signature over the whole request. */
const keyless: Readonly<Record<string, string>> = {
  "github-copilot": "Copilot is used through a login",
  "google-vertex": "Vertex is used through a Google login",
  "google-vertex-anthropic": "Vertex is used through a Google login",
  "sap-ai-core": "SAP AI Core is used through a service login",
  "amazon-bedrock": "Bedrock's requests are signed (but for those with a bearer token)",
}

/** What is wrong with `providers.X.keys`. None of it shows a key. */
export function keyFindings({
  own: { settings },
  missingKeys,
  plainKeys,
  credentials,
}: Facts): readonly Found[] {
  const missing = missingKeys.flatMap(({ path, what }): Found | [] => {
    if (what === undefined) return []
    return {
      severity: "error",
      code: "key-missing",
      ...placeOfSetting(path),
      what: `${what} This key is left out.`,
      advice: "Set it where OpenCode is started, or remove the entry.",
    }
  })
  const withoutUse = Object.entries(settings.providers).flatMap(([provider, { keys = [] }]) => {
    if (keys.length === 0) return []
    const isLogin = credentials.get(provider) === "oauth"
    const why = isLogin ? "OpenCode uses it through a login" : keyless[provider]
    return why === undefined ? [] : [withoutEffect(["providers", provider, "keys"], why)]
  })
  return [...missing, ...plainKeys.map(writtenOut), ...withoutUse]
}

function writtenOut(path: SettingsPath): Found {
  return {
    severity: "warning",
    code: "plaintext-key",
    ...placeOfSetting(path),
    what: "The key itself is in the settings.",
    advice: 'Put it into the environment or a file of its own: "{env:NAME}", "{file:/path}".',
  }
}

function withoutEffect(path: SettingsPath, why: string): Found {
  return {
    severity: "warning",
    code: "keys-without-effect",
    ...placeOfSetting(path),
    what: `${why}: further keys are not used there.`,
    advice: "Further keys are used only where OpenCode itself uses an API key for this provider.",
  }
}

/** Of a provider that no list needs nobody wants to hear. */
export function keylessFindings({ keyless: without }: Facts, views: readonly ChainView[]): readonly Found[] {
  const used = new Set(
    views.flatMap(({ fallbacks }) => fallbacks.map(({ entry }) => providerOf(entry.model))),
  )
  return without
    .filter((id) => used.has(id))
    .map((id) => ({
      severity: "warning",
      code: "provider-without-key",
      ...placeOfSetting(["provider", id], { from: "opencode config" }),
      what: `OpenCode lists ${id}, because its configuration names it; a key for it was not found, and without one none of its models answers.`,
      advice: "Run `opencode auth login`, or set the key where OpenCode is started.",
    }))
}
