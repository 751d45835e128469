import { originPath } from "../../../core/describe-origin.ts"
import { describeSkip } from "../../../core/describe-skip.ts"
import { providerOf } from "../../../core/model-ref.ts"
import { type Obstacle, obstacleOf } from "../../../core/skip-reason.ts"
import type { ChainView } from "../../installation/agent-chains.ts"
import { all, type Found } from "../finding.ts"

/** What is wrong with a chain as a whole, though each of its parts may be in order. */
export function chainFindings(views: readonly ChainView[], now: number): readonly Found[] {
  return together(
    views.flatMap((view) =>
      all(
        forbiddenFindings(view, now),
        uselessFinding(view),
        sameProviderFinding(view),
        abilityFindings(view),
      ),
    ),
  )
}

/** Agents that share a list share what is wrong with it: it is said once. */
function together(findings: readonly Found[]): readonly Found[] {
  const known = new Map<string, Found>()
  for (const finding of findings) {
    const { code, what, advice, where, at } = finding
    const key = JSON.stringify([code, what, advice, at])
    const before = known.get(key)
    known.set(key, before ? { ...before, where: `${before.where}, ${where}` } : finding)
  }
  return [...known.values()]
}

function placeOfList({ kind, name, chain }: ChainView): Pick<Found, "where" | "at"> {
  const path = originPath(chain.origin)
  return { where: `${kind} ${name}`, at: path && { path } }
}

function forbiddenFindings(view: ChainView, now: number): readonly Found[] {
  return view.fallbacks.flatMap(({ entry, reason }) => {
    if (reason?.why !== "not-allowed") return []
    return {
      severity: "warning",
      code: "not-allowed",
      ...placeOfList(view),
      what: `${entry.model} is never used: ${describeSkip(reason, now)}.`,
      advice: "Allow it, or remove it from the list.",
    }
  })
}

const lasting: ReadonlySet<Obstacle> = new Set(["absent", "unfit"])

function uselessFinding(view: ChainView): Found | undefined {
  if (view.fallbacks.length === 0) return undefined
  if (!view.fallbacks.every(({ reason }) => reason && lasting.has(obstacleOf(reason)))) return undefined
  return {
    severity: "error",
    code: "useless-chain",
    ...placeOfList(view),
    what: "None of its fallback models can be used.",
    advice:
      "Connect a provider (`opencode auth login`), allow one of them, or name models from `opencode models`.",
  }
}

function sameProviderFinding(view: ChainView): Found | undefined {
  const { primary, fallbacks } = view
  if (primary === undefined || fallbacks.length === 0) return undefined
  const provider = providerOf(primary.entry.model)
  if (fallbacks.some(({ entry }) => providerOf(entry.model) !== provider)) return undefined
  return {
    severity: "info",
    code: "one-provider",
    ...placeOfList(view),
    what: `All of its models are from ${provider}: a rejected key or an outage there takes all of them.`,
    advice: "Add a model of another provider at the end.",
  }
}

function abilityFindings(view: ChainView): readonly Found[] {
  const own = view.primary?.capabilities
  const others = view.fallbacks.flatMap(({ capabilities }) => capabilities ?? [])
  if (own === undefined || others.length === 0) return []
  const largest = Math.max(...others.map(({ contextTokens }) => contextTokens))
  // 1,000,000 and 1,048,576 are the same to everybody.
  const isShorter = largest > 0 && largest < own.contextTokens * 0.9
  return all(
    own.images && !others.some(({ images }) => images)
      ? ability(view, "images: a turn that holds one has no fallback")
      : undefined,
    isShorter
      ? ability(
          view,
          `more than ${largest} tokens (its own model: ${own.contextTokens}): longer sessions have no fallback`,
        )
      : undefined,
  )
}

function ability(view: ChainView, what: string): Found {
  return {
    severity: "info",
    code: "weaker-fallbacks",
    ...placeOfList(view),
    what: `None of its fallback models takes ${what}.`,
    advice: "Add one that does, if such turns matter.",
  }
}
