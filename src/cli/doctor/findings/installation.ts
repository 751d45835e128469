import { lt, satisfies } from "semver"
import { ownValue } from "../../../core/json-object.ts"
import { accountRotators } from "../../installation/known-plugins.ts"
import { listAdvice } from "../../installation/plugin-lists.ts"
import { pinnedVersion } from "../../installation/releases.ts"
import { packageFacts } from "../../opencode/package-facts.ts"
import { isOurs } from "../../opencode/plugin-entries.ts"
import type { Facts } from "../facts.ts"
import { type Finding, type Found, placeOfSetting } from "../finding.ts"

export function openCodeFinding({ openCode, answers }: Facts): Finding | undefined {
  if (openCode === undefined)
    return {
      severity: "error",
      code: "opencode-not-found",
      where: "PATH",
      what: "OpenCode was not found on the PATH nor where its installers put it.",
      advice: "Install it (https://opencode.ai), or name its binary with --opencode PATH.",
    }
  if (!answers?.version.ok || isSupported(answers.version.value)) return undefined
  return {
    severity: "error",
    code: "opencode-unsupported",
    where: openCode,
    what: `OpenCode ${answers.version.value} is outside the supported range ${packageFacts.openCodeRange}.`,
    advice: "Run `opencode upgrade`, or install a release of this plugin that supports this version.",
  }
}

/** Builds from a branch call themselves 0.0.0-…: nobody can tell, so nothing is held against them. */
export function isSupported(version: string): boolean {
  return (
    version.startsWith("0.0.0") || satisfies(version, packageFacts.openCodeRange, { includePrerelease: true })
  )
}

export function silenceFindings({ openCode, answers, own }: Facts): readonly Finding[] {
  // It is silent because of the broken file, which is named.
  if (openCode === undefined || answers === undefined || own.broken.length > 0) return []
  const asked = [
    [answers.version, "its version", "opencode --version"],
    [answers.config, "its configuration", "opencode --pure debug config"],
    [answers.models, "the connected models", "opencode models"],
  ] as const
  const silent = asked.flatMap(([answer, what, command]) =>
    answer.ok === false ? [{ why: answer.why, what, command }] : [],
  )
  // What one cause keeps it from saying is one finding.
  return [...new Set(silent.map(({ why }) => why))].map((why) => {
    const questions = silent.filter((question) => question.why === why)
    return {
      severity: "warning",
      code: "opencode-silent",
      where: openCode,
      what: `OpenCode could not be asked for ${questions.map(({ what }) => what).join(", ")}: ${why}.`,
      advice: `Run \`${questions[0]?.command}\` in this folder and see what it says.`,
    }
  })
}

export function brokenFileFindings({ own: { broken } }: Facts): readonly Finding[] {
  return broken.map(({ where, why }) => ({
    severity: "error",
    code: "unreadable-file",
    where,
    what: `OpenCode cannot read it: ${why}.`,
    advice: "Fix it first: until then neither OpenCode nor this command knows what it says.",
  }))
}

export function listingFinding({ own: { plugins, broken }, listedAt }: Facts): Finding | undefined {
  const ours = plugins.filter(isOurs)
  if (ours.length === 1 || broken.length > 0) return undefined
  const [unheeded] = listedAt
  if (ours.length === 0)
    return {
      severity: "error",
      code: "plugin-not-listed",
      where: unheeded === undefined ? "opencode.json, plugin" : `${unheeded}, plugin`,
      what:
        unheeded === undefined
          ? `${packageFacts.name} is not in OpenCode's list of plugins: it is not loaded.`
          : `OpenCode ignores this list, because a stronger file (opencode.jsonc beside it?) has one of its own: ${packageFacts.name} is not loaded.`,
      advice: `Run \`npx opencode-understudy init\`, or add "${packageFacts.name}" to the "plugin" of ${unheeded === undefined ? "your opencode.json" : "that file"}.`,
    }
  return {
    severity: "warning",
    code: "plugin-listed-twice",
    where: listWhere(listedAt, "plugin"),
    what: `${packageFacts.name} is listed ${ours.length} times: ${ours.map((entry) => entry.spec).join(", ")}.`,
    advice: "Keep one of them.",
  }
}

/** @param at where the entry stands; nothing, when it is in a configuration that is no file */
function listWhere(at: readonly string[], what: string): string {
  return `${at.length === 0 ? "opencode.json" : at.join(", ")}, ${what}`
}

export function releaseFinding({ releases, answers }: Facts): Finding | undefined {
  if (releases === undefined) return undefined
  const { spec, listedAt, loaded, newest } = releases
  const where = listWhere(listedAt, `plugin "${spec}"`)
  // Whatever npm says, this command's own version is out.
  const out = newest?.ok ? newest.value : packageFacts.version
  if (loaded !== undefined && lt(loaded, out))
    return {
      severity: "warning",
      code: "outdated",
      where,
      what: `OpenCode loads ${loaded}; ${out} is out.`,
      advice: listAdvice(listedAt, `Run \`npx ${packageFacts.name}@latest update\`.`),
    }
  if (pinnedVersion(spec) !== undefined || answers?.isVersion2) return undefined
  return {
    severity: "info",
    code: "not-pinned",
    where,
    what: "OpenCode 1 installs a name without a version once, and never a newer one.",
    advice: listAdvice(listedAt, "Run `npx opencode-understudy update`: it writes the exact version."),
  }
}

export function otherPluginFindings({ otherPlugins }: Facts): readonly Finding[] {
  return otherPlugins.flatMap(({ entry, known, title, acts, file, listedAt }) => {
    if (!acts) return []
    const way =
      known?.offSwitch === undefined
        ? `Remove "${entry.spec}" from "plugin" (in files \`npx opencode-understudy init --remove-others\` does it).`
        : `Set ${known.offSwitch} in ${file ?? known.files[0] ?? "its settings"}; \`npx opencode-understudy init\` imports its lists.`
    return {
      severity: known ? "error" : "warning",
      code: "other-plugin",
      where: file ?? listWhere(listedAt, `plugin "${entry.spec}"`),
      what: `${title} switches models on failure, too: ${known ? "" : "where it is switched on, "}both would act on the same failure.`,
      advice: known?.offSwitch === undefined ? listAdvice(listedAt, way) : way,
    }
  })
}

/** Their requests go through ours on OpenCode 1, so that they never see a failure. */
export function rotationFindings({ own, answers, rotatorsAt }: Facts): readonly Finding[] {
  if (answers?.isVersion2) return []
  return own.plugins.flatMap(({ name, spec }) => {
    const provider = ownValue(accountRotators, name)
    if (provider === undefined || ownValue(own.settings.providers, provider)?.allow_fallback === false)
      return []
    return {
      severity: "info",
      code: "accounts-not-rotated",
      where: listWhere(rotatorsAt, `plugin "${spec}"`),
      what: `The next model answers before ${name} goes over to another account.`,
      advice: `To leave ${provider}'s failures to its accounts alone, set "providers": { "${provider}": { "allow_fallback": false } }.`,
    }
  })
}

export function storeFinding({ health }: Facts): Found | undefined {
  if (health.state !== "unreadable") return undefined
  return {
    severity: "warning",
    code: "store-unreadable",
    ...placeOfSetting(["runtime_fallback", "store"]),
    what: `The shared health cannot be read: ${health.where}: ${health.why}.`,
    advice:
      "Check the permissions of the file or the address of the server; until then each OpenCode keeps its own.",
  }
}
