import type { TextPattern } from "../core/classify/falls-back.ts"
import type { SettingsFinding } from "./lint-settings.ts"
import { reasonOf } from "./reason-of.ts"
import type { Settings } from "./schema.ts"
import { shortValue } from "./short-value.ts"

/**
 * Instructions of a compiled pattern. The engine looks at each at most once for each character, so that this
 * and the length of the text bound the time: 35 ms for the slowest found, `(a?){200}a{200}`.
 */
const mostInstructions = 1_100

type Compiled = { readonly pattern: TextPattern } | { readonly problem: string }

/**
 * A user's regular expressions, compiled for an engine whose time grows with the text alone. JavaScript's own
 * backtracks and cannot be interrupted: one `(a+)+` on an unlucky error text would freeze OpenCode. The engine
 * (150 KB) is loaded only where somebody has set a pattern.
 */
async function compilePatterns(sources: readonly string[]): Promise<readonly Compiled[]> {
  if (sources.length === 0) return []
  const engine = await import("re2js").catch(reasonOf)
  if (typeof engine === "string")
    return sources.map(() => ({ problem: `Its engine cannot be loaded: ${engine}.` }))
  const { RE2JS } = engine
  return sources.map((source) => {
    // Translated silently into the letter k otherwise.
    if (/\\k</.test(source)) return { problem: "A back-reference is not allowed." }
    try {
      const pattern = RE2JS.compile(RE2JS.translateRegExp(source), RE2JS.CASE_INSENSITIVE)
      return pattern.programSize() > mostInstructions
        ? { problem: "It is too large: use fewer or smaller repetitions." }
        : { pattern }
    } catch (error) {
      const reason = reasonOf(error).replace("error parsing regexp: ", "")
      return { problem: `Not a regular expression that RE2 accepts: ${reason}.` }
    }
  })
}

/** The patterns of settings whose problems have been told already. */
export async function usablePatterns(sources: readonly string[]): Promise<readonly TextPattern[]> {
  const compiled = await compilePatterns(sources)
  return compiled.flatMap((result) => ("pattern" in result ? result.pattern : []))
}

export async function patternFindings({ runtime_fallback }: Settings): Promise<readonly SettingsFinding[]> {
  const sources = runtime_fallback.retry_on_patterns
  const compiled = await compilePatterns(sources)
  return compiled.flatMap((result, index) => {
    if ("pattern" in result) return []
    const path = ["runtime_fallback", "retry_on_patterns", index]
    return {
      code: "invalid-setting",
      path,
      found: shortValue(sources[index], path),
      allowed: result.problem,
      effect: "This pattern is left out.",
    }
  })
}
