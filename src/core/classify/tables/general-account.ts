import type { Table } from "../rule.ts"

/** Money, allowances and keys in the words of many providers. */
export const generalAccount: Table = {
  family: "general",
  shared: [
    {
      source: "provider documentation: money",
      phrases: [
        {
          phrases: ["insufficient", "not sufficient", "not enough"],
          pattern:
            /\binsufficient (?!to\b).{0,20}\b(?:balance|credits?|funds)\b|\binsufficient (?:balance|credits?|funds)\b|\b(?:balance|credits?|funds) (?:is |are |was )?(?:insufficient|not (?:sufficient|enough))\b/,
          kind: "billing",
        },
        {
          phrases: ["overdue balance", "account is in arrears", "outstanding balance"],
          kind: "billing",
        },
        { phrases: ["billing: please upgrade", "quota is not enough"], kind: "billing" },
        {
          phrases: ["budget"],
          pattern:
            /\bbudget (?:is |was |has been |limit )?(?:exhausted|exceeded|depleted|used up|reached)|\b(?:exceed(?:s|ed)?|exhausted|over|out of) (?:the |your |its )?(?:[a-z]+ )?budget\b/,
          kind: "billing",
        },
        {
          phrases: ["subscription", "plan"],
          pattern:
            /\bupgrade to a paid plan\b|\brequires? (?:a|an) (?:pro|plus|max|paid|premium|team|enterprise|active) (?:subscription|plan)\b|\b(?:purchase|buy|renew|need|requires?) (?:a |an |the |your )?(?:paid |active |valid )?(?:subscription|plan)\b/,
          kind: "billing",
        },
        {
          phrases: ["account"],
          pattern: /\baccount is (?:not )?in good standing\b|\baccount (?:is )?(?:past due|overdue)\b/,
          kind: "billing",
        },
        {
          phrases: ["payment", "subscription", "trial", "membership", "plan", "billing"],
          pattern:
            /\b(?:payment (?:is |was )?(?:failed|declined|past due)|payment method (?:is )?(?:required|needed)|(?:add|need|requires?) a (?:valid )?payment method|no (?:active|valid) (?:subscription|membership)|(?:subscription|membership|trial|plan) (?:has |is |was )?(?:expired|ended|inactive|cancell?ed|over|past due|required)|(?:enable|activate|set up) billing|billing (?:is |has been )?(?:disabled|not enabled|required)|billing (?:error|account .{0,20}(?:closed|disabled)))\b/,
          kind: "billing",
        },
        {
          phrases: ["credits", "funds", "balance", "money"],
          pattern:
            /\b(?:requires?|need|purchase|buy|add|without|zero|negative|enough) (?:more |available |additional |paid |sufficient )?(?:credits|funds|balance)\b|\bcredits? (?:are |is )?required\b|\bbalance (?:is )?(?:negative|zero|empty|below)\b|\bused (?:up )?all (?:of )?(?:your |the |its )?(?:available |remaining )?(?:credits|balance|funds)\b/,
          kind: "billing",
        },
        { phrases: ["payment required"], pattern: /(?:^|[:\d] )payment required\b/m, kind: "billing" },
        {
          phrases: ["credits", "credit", "balance", "points"],
          pattern:
            /\b(?:credits?|balance)\b.{0,20}\b(?:exhausted|depleted|too low|used up|run out|ran out|has been consumed)\b|\bexceeded your credit balance\b|\bused up your (?:points|credits?)\b|\b(?:out of|no remaining|not enough|run out of|add more) credits?\b|please (?:recharge|top up)/,
          kind: "billing",
        },
        {
          phrases: ["spending limit", "spend limit", "spending cap"],
          pattern: /(?:reach|exceed|hit)/,
          kind: "billing",
        },
        { phrases: ["余额不足", "已欠费", "账户欠费", "额度不足", "余额已用完", "请充值"], kind: "billing" },
      ],
    },
    {
      source: "provider documentation: allowances that come back after hours or days",
      phrases: [
        {
          // Counted per model, as every limit of tokens and requests.
          phrases: ["per day", "tpd", "rpd"],
          pattern: /\b(?:tokens|requests) per day\b|\b(?:tpd|rpd)\b.{0,30}\b(?:limit|rate|reached)/,
          kind: "quota",
          scope: "model",
        },
        {
          phrases: ["free", "limit", "maximum"],
          pattern:
            /\bused (?:up )?all (?:of )?your (?:free|daily|weekly|monthly) (?:requests|messages|tokens|credits|quota)\b|\bfree (?:tier|plan|usage) (?:limit|quota) (?:reached|exceeded|exhausted)\b|\breached (?:your|the) (?:limit of|maximum number of) (?:[a-z]+ )?(?:messages|requests|prompts|questions)\b/,
          kind: "quota",
        },
        {
          phrases: ["daily"],
          pattern: /daily (?:[a-z]+ ){0,2}(?:limit|quota|allowance)/,
          kind: "quota",
        },
        {
          phrases: ["usage limit", "usage quota", "usage cap", "plan limit"],
          pattern:
            /\b(?:usage|plan) (?:limits?|quota|cap)\b.{0,30}\b(?:reached|exceeded|exhausted|hit)|(?:reached|exceeded|exhausted|hit)\b.{0,60}\busage (?:limits?|quota|cap)/,
          kind: "quota",
        },
        {
          phrases: ["monthly", "weekly", "hour", "hourly"],
          pattern:
            /\b(?:monthly|weekly|hour|hourly)\b(?: [a-z/]+)? (?:limit|quota|allowance)\b.{0,30}\b(?:reached|exceeded|exhausted)|(?:reached|exceeded|exhausted|hit)\b.{0,40}\b(?:monthly|weekly|hour|hourly)(?: [a-z/]+)? (?:limit|quota|allowance|cap)/,
          kind: "quota",
        },
        // OpenAI's sentence; with Google it is a limit of minutes (its own table comes first).
        { phrases: ["exceeded your current quota", "check your plan and billing details"], kind: "billing" },
        {
          phrases: ["quota"],
          // The disk's quota is the user's own machine.
          pattern:
            /(?<!\b(?:disk|storage|file|upload|user_) ?)\bquota\b.{0,20}\b(?:exceeded|exhausted|reached|used\b|insufficient|depleted|limit hit)|\b(?:exceeded|exhausted|reached|insufficient|out of|run out of|over|used up|not enough)\b.{0,40}(?<!\b(?:disk|storage|file|upload) )\bquota\b/,
          kind: "quota",
        },
        {
          phrases: ["limit", "limits", "allowance", "allotment", "quota"],
          pattern:
            /\b(?:hit|reached|exceeded|exhausted|used up|used all of|out of) (?:of )?(?:your|the) (?:[a-z0-9-]+ ){0,3}(?:usage|session|daily|weekly|monthly|hourly|\d-?hour|free|plan|premium|message|request)(?: [a-z-]+){0,2} (?:limits?|allowance|allotment|quota|cap)\b|\b(?:daily|weekly|monthly|session|5-hour) (?:[a-z]+ )?limit (?:hit|reached|exceeded)\b/,
          kind: "quota",
        },
        {
          phrases: ["使用上限", "用量上限", "额度已用尽", "额度已用完", "配额已用尽", "配额不足", "限额将在"],
          kind: "quota",
        },
      ],
    },
    {
      source: "provider documentation: keys and permissions",
      phrases: [
        {
          phrases: ["key", "keys"],
          pattern:
            /\b(?:invalid|incorrect|expired|missing|revoked|disabled|wrong|unknown|no) (?:or [a-z]+ )?api[- ]?key\b|\bkey (?:has been|was|is) (?:disabled|revoked|deactivated|expired|invalid)\b|\b(?:authenticate|validate|verify) (?:the |your )?api[- ]?key\b|\bapi[- ]?key\b.{0,30}\b(?:is |was |has been |has )?(?:invalid|not valid|incorrect|expired|missing|revoked|deleted|disabled|deactivated|not found|required)\b/,
          kind: "auth",
        },
        {
          phrases: ["token", "credentials", "authentication", "authorization", "auth"],
          pattern:
            /\b(?:invalid|expired|missing|revoked|bad) (?:or [a-z]+ )?(?:access |oauth |auth |bearer |authentication |refresh )?(?:token|credentials)\b|\b(?:oauth|access|auth|bearer|refresh) token\b.{0,20}\b(?:expired|revoked|invalid)|\b(?:authentication|authorization) (?:failed|fails|required|error)\b|\binvalid authentication\b|\bnot authenticated\b|token (?:has |is )expired|token expired(?=$|[.:;,!)])|\bno credentials\b/m,
          kind: "auth",
        },
        {
          phrases: ["token", "oauth", "authenticate"],
          pattern:
            /\b(?:oauth|access|auth)? ?token refresh failed\b|\bfailed to refresh\b.{0,30}\btoken\b|\bplease (?:re-?authenticate|log ?in again|sign in again)\b/,
          kind: "auth",
        },
        {
          phrases: ["account"],
          pattern: /\baccount\b.{0,20}\b(?:deactivated|suspended|disabled|banned|terminated|locked)\b/,
          kind: "auth",
        },
        {
          phrases: [
            "could not validate credentials",
            "missing scopes",
            "must verify your organization",
            "organization must be verified",
            "missing scope",
            "your request was blocked",
            "invalid bearer token",
            "not logged in",
            "please log in",
            "please login",
            "user not found",
            "could not resolve authentication method",
            "unable to locate credentials",
            "no api key found",
            "no api key provided",
            "login required",
            "session expired",
            "session has expired",
            "please reauthenticate",
            "organization has disabled",
            "access token could not be refreshed",
            "not allowed for this organization",
            "insufficient permissions",
            "not authorized",
            "access denied",
          ],
          kind: "auth",
        },
        // `Permission denied (publickey)` is the user's own shell.
        {
          phrases: ["forbidden"],
          pattern: /\b(?:access|endpoint|resource|request)\b.{0,30}\bforbidden\b/,
          kind: "auth",
        },
        {
          phrases: ["permission denied"],
          pattern:
            /permission denied(?! \(publickey|, |: ['"/]| (?:reading|writing|opening|creating|deleting))/,
          kind: "auth",
        },
        {
          phrases: ["key", "method"],
          pattern:
            /\b(?:please|must|need to|have to) (?:set|specify|provide|configure|enter|add|supply|use) (?:[\w.]+ ){0,8}?(?:\w*api[_ -]?key|auth(?:entication)? method)\b/,
          kind: "auth",
        },
        {
          phrases: ["allowed", "permitted", "enabled", "entitled", "authorised"],
          pattern:
            /\bnot (?:allowed|permitted|enabled|entitled|authori[sz]ed) (?:to (?:use|access|call|perform)|for (?:this|your|the) (?:account|organi[sz]ation|project|plan|user|api|workspace|team|key))\b/,
          kind: "auth",
        },
        {
          phrases: ["secret", "credentials", "credential"],
          pattern:
            /\b(?:couldn't|could not|cannot|can't) (?:find|load|resolve) (?:a |the |any )?(?:secret|credentials?)\b/,
          kind: "auth",
        },
        {
          phrases: ["region", "country", "location", "territory"],
          pattern:
            /\b(?:region|country|location|territory)\b.{0,30}\b(?:not supported|unsupported|not available|not allowed|restricted|blocked)|\bnot (?:supported|available|allowed) in (?:your|this) (?:region|country|location|territory)/,
          kind: "auth",
        },
        {
          phrases: ["身份验证失败", "无效的令牌", "令牌已过期", "密钥无效", "token 已过期", "token 非法"],
          kind: "auth",
        },
      ],
    },
  ],
}
