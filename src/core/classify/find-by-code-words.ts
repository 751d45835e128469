import type { FailureKind } from "../verdict.ts"
import type { Finding } from "./knowledge.ts"

/** What a vendor's own identifier says by its words. Read without separators: `rate_limit`, `RateLimit`. */
const rows: readonly (readonly [words: RegExp, kind: FailureKind])[] = [
  [/contextlength|contextwindow|contextlimit|prompttoolong|inputtoolong|toomanytokens/, "context_overflow"],
  [/contentfilter|contentpolicy|moderation|sensitivecontent|safetycheck|riskdetect/, "content_filter"],
  [
    /(?:insufficient|no|lowon|outof)(?:user|account|api)?(?:balance|credit|fund)|arrear|overdue|paymentrequired|billing/,
    "billing",
  ],
  [/(?:monthly|weekly|daily|hourly|usage|allowance).*(?:limit|quota|count|exceeded|reached)/, "quota"],
  [/(?:credits?|balance|funds?|budget)(?:exhausted|depleted|empty)/, "billing"],
  [/(?:tokens?|allowance|usage)(?:exhausted|depleted)/, "quota"],
  [/ratelimit|toomanyrequest|throttl|concurrencylimit|(?:rpm|tpm|qps)(?:limit|exceed)/, "rate_limit"],
  [/quota/, "quota"],
  [/overload|capacity|serverbusy|highdemand/, "overloaded"],
  [
    /(?:invalid|missing|expired|revoked|incorrect|bad|no).*(?:apikey|token|credential|authentic)|unauthori[sz]ed|unauthenticated|permissiondenied|accessdenied|accountdisabled|accountsuspended|authfail|authenticationfail/,
    "auth",
  ],
  [
    /model.*(?:notfound|notexist|notavailable|notsupported|unsupported|deprecated|disabled)|(?:unknown|unsupported|nosuch)model/,
    "model_not_found",
  ],
  [/timeout|timedout|deadlineexceeded/, "timeout"],
  [/unavailable|internalerror|internalserver|upstreamerror|badgateway|gatewayerror/, "unavailable"],
]

/** Codes about the caller's own parameters: `invalid_max_tokens_timeout` is no timeout. */
const aboutTheRequest =
  /^(?:invalid_?(?:request|param|argument|value)|unsupported_?(?:param|value)|validation)/

/**
 * For codes that no table knows. Only codes that stand in fields count, never identifiers out of a text.
 *
 * @param codes lower case
 */
export function findByCodeWords(codes: ReadonlySet<string>): Finding | undefined {
  for (const code of codes) {
    if (code.length > 80 || code.includes(" ") || aboutTheRequest.test(code)) continue
    const bare = code.replaceAll(/[^a-z0-9]/g, "")
    const row = rows.find(([words]) => words.test(bare))
    if (row !== undefined) return { kind: row[1], scope: undefined, rule: `code ${code}` }
  }
  return undefined
}
