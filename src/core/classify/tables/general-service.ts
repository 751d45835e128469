import type { Table } from "../rule.ts"

/** Capacity, short limits and outages in the words of many providers, from the most to the least telling. */
export const generalService: Table = {
  family: "general",
  shared: [
    {
      source: "provider documentation: capacity",
      phrases: [
        {
          phrases: ["overloaded"],
          pattern:
            /\b(?:is|are|be|currently|temporarily|server|servers|model|service|engine|system|api|529) (?:[a-z]+ )?overloaded\b|^(?:[\w ]{1,40}: )?overloaded\b|\boverloaded errors?\b/m,
          kind: "overloaded",
        },
        {
          phrases: ["high demand", "at capacity", "high traffic", "api is busy", "server is busy"],
          kind: "overloaded",
        },
        {
          phrases: [
            "request queue is full",
            "queue is full",
            "over capacity",
            "too much traffic",
            "lack of capacity",
            "under high load",
            "too busy",
            "currently busy",
            "volume of traffic",
            "volume of requests",
            "heavy load",
            "heavy traffic",
            "server busy",
            "too many users",
            "pending requests exceeded",
          ],
          kind: "overloaded",
        },
        {
          phrases: ["capacity"],
          pattern:
            /\b(?:no|insufficient|not enough|out of|limited) capacity\b|capacity (?:is )?(?:exceeded|limits?|busy|full|exhausted|reached)/,
          kind: "overloaded",
        },
        { phrases: ["访问量过大", "服务器繁忙", "系统繁忙", "负载过高", "服务繁忙"], kind: "overloaded" },
      ],
    },
    {
      source: "provider documentation: limits of seconds and minutes",
      phrases: [
        { phrases: ["credentials for model"], pattern: /\bcooling down\b/, kind: "rate_limit" },
        {
          phrases: ["resource exhausted"],
          pattern: /^(?:[a-z_]+: )?resource exhausted/m,
          kind: "rate_limit",
        },
        { phrases: ["reached your fair use", "fair use limit"], kind: "rate_limit" },
        { phrases: ["too many requests", "too many concurrent requests"], kind: "rate_limit" },
        {
          phrases: [
            "rate limit",
            "rate limits",
            "rate-limit",
            "ratelimit",
            "concurrency limit",
            "rate limited",
            "rate-limited",
          ],
          pattern:
            /\b(?:rate[- ]?limit|concurrency limit)s?\b.{0,30}\b(?:exceeded|reached|hit)\b|\b(?:exceed|exceeds|exceeded|exhausted|reached|hit|over)\b.{0,60}\b(?:rate[- ]?limit|concurrency limit)|\brate[- ]limited\b|\brate limit error\b/,
          kind: "rate_limit",
        },
        {
          phrases: ["rate increased too quickly", "requests per minute", "tokens per minute"],
          pattern: /increased|exceed|reached|limit/,
          kind: "rate_limit",
        },
        {
          phrases: ["concurrent requests", "concurrency", "parallel requests", "simultaneous requests"],
          pattern: /\b(?:too many|limit|exceed(?:s|ed)?|maximum|reduce)\b/,
          kind: "rate_limit",
        },
        {
          phrases: ["rpm", "tpm", "per minute", "per second"],
          pattern:
            /\b(?:rpm|tpm|per (?:minute|second)) (?:rate )?(?:limit )?(?:exceeded|reached|hit)\b|\b(?:exceed(?:s|ed)?|reached|hit|over) (?:your |the )?(?:[a-z]+ )?(?:rpm|tpm)\b|\blimit per (?:minute|second) (?:reached|exceeded)\b/,
          kind: "rate_limit",
        },
        {
          phrases: ["slow down", "request rate", "requests per second", "throttled"],
          pattern:
            /^(?:[\w ]{1,40}: )?throttled\b|\bslow down\b.{0,30}\b(?:requests?|rate)\b|^(?:[\w ]{1,40}: )?(?:please )?slow down\b|\brequest rate (?:is )?(?:too|exceed)|requests per second.{0,30}(?:exceeded|limit)|\brequests? (?:was |were |has been |have been )?throttled\b/m,
          kind: "rate_limit",
        },
        { phrases: ["请求过于频繁", "频率超限", "请求频率", "并发超限", "限流"], kind: "rate_limit" },
      ],
    },
    {
      source: "RFC 9110 reason phrases and web servers' pages",
      phrases: [
        {
          phrases: ["service unavailable", "temporarily unavailable", "currently unavailable"],
          kind: "unavailable",
        },
        { phrases: ["internal server error", "bad gateway"], kind: "unavailable" },
        {
          phrases: ["model"],
          pattern:
            /\bmodel (?:is |was |has |has been )?(?:currently )?(?:unloaded|crashed|not loaded|still loading|down|offline)\b/,
          kind: "unavailable",
        },
        {
          phrases: [
            "server had an error",
            "unexpected error occurred on our side",
            "no healthy upstream",
            "unable to process your request at this time",
          ],
          kind: "unavailable",
        },
        { phrases: ["an internal error has occurred", "internal error encountered"], kind: "unavailable" },
        {
          phrases: ["no available", "none available"],
          pattern:
            /\bno available (?:accounts?|upstreams?|providers?|channels?|workers?|servers?|instances?|endpoints?)\b/,
          kind: "unavailable",
        },
        {
          phrases: ["maintenance", "outage"],
          pattern: /\b(?:under|down for|for|scheduled) maintenance\b|\bservice outage\b/,
          kind: "unavailable",
        },
        {
          phrases: ["cuda"],
          pattern: /\bcuda (?:error|out of memory|failure)|all cuda-capable devices are busy/,
          kind: "unavailable",
        },
        { phrases: ["service temporarily unavailable", "service not available"], kind: "unavailable" },
        {
          phrases: ["temporarily unable", "experiencing", "not available", "loading"],
          pattern:
            /\b(?:server|service|system|model|we) (?:is|are) temporarily unable\b|\bexperiencing (?:technical |some |temporary )?(?:issues|difficulties|problems|an outage)\b|\b(?:model|service|server|endpoint) is (?:currently |temporarily )not available\b|\bmodel is (?:still |currently )?loading\b/,
          kind: "unavailable",
        },
        { phrases: ["client closed request"], kind: "timeout" },
        { phrases: ["gateway timeout", "gateway time-out"], kind: "timeout" },
        {
          phrases: ["timed out", "timing out", "no data received", "stream stalled"],
          pattern:
            /\b(?:request|operation|upstream|response|generation) (?:has )?timed out\b|\b(?:server|upstream|model|provider) is timing out\b|\bno data received for\b|\bstream stalled\b/,
          kind: "timeout",
        },
        { phrases: ["服务不可用", "内部错误", "服务异常"], kind: "unavailable" },
        { phrases: ["请求超时", "响应超时"], kind: "timeout" },
      ],
    },
  ],
  late: [
    {
      source: "Anthropic's and OpenAI's validators",
      phrases: [
        { phrases: ["messages"], pattern: /\bmessages\.\d{1,5}\.content\b/, kind: "bad_request" },
        {
          phrases: [
            "tool_use",
            "tool_calls",
            "tool_call_id",
            "tool_result",
            "function call",
            "function_call",
          ],
          pattern:
            /\bwithout (?:a )?(?:corresponding )?`?tool_|\btool messages following\b|must be (?:followed by|a response to)|\bmissing\b|\bno tool call found\b|\bfailed to call a function\b/,
          kind: "bad_request",
        },
        {
          phrases: ["required", "allowed", "valid", "role", "roles", "property", "must", "empty", "expected"],
          pattern:
            /\bis a required property\b|\bis not one of\b|\bshould be a valid\b|\bunexpected role\b|\broles must alternate\b|\bmust be (?:passed back|<=|>=|less than|greater than|at (?:most|least)|between|one of|a (?:string|number|positive))|\b(?:cannot|can't|must not) be empty\b|\brequest is not valid\b/,
          kind: "bad_request",
        },
        {
          phrases: ["assistant message prefill", "must end with a user message", "requires reasoning"],
          kind: "bad_request",
        },
        {
          phrases: ["could not process image", "unsupported image", "invalid image", "image exceeds"],
          kind: "bad_request",
        },
        {
          phrases: [
            "unrecognized request argument",
            "unknown name",
            "unknown parameter",
            "invalid json payload",
            "invalid schema",
          ],
          kind: "bad_request",
        },
        {
          phrases: ["invalid request payload", "field required", "extra inputs are not permitted"],
          kind: "bad_request",
        },
        {
          phrases: ["is mandatory for this endpoint", "unsupported parameter", "invalid type for"],
          kind: "bad_request",
        },
      ],
    },
    {
      source: "https://openrouter.ai/docs/api/reference/errors-and-debugging, RFC 9110",
      phrases: [
        { phrases: ["provider returned error", "unexpected end of json input"], kind: "unavailable" },
        {
          phrases: ["upstream", "backend", "origin", "supplier", "provider", "gateway"],
          pattern:
            /\b(?:upstream|backend|origin|supplier|inference|gateway|provider) (?:[a-z]+ )?(?:error|failure|failed|unavailable|is down|unreachable|crashed|returned an error)\b|\bno (?:available|healthy) (?:upstream|backend|provider|channel|account|candidate|worker|server|instance)/,
          kind: "unavailable",
        },
        {
          phrases: ["json"],
          pattern:
            /^(?:[\w ]{1,40}: )?unexpected (?:token|end|identifier)\b.{1,120}\bjson\b|\binvalid json response\b|^(?:[\w ]{1,40}: )?json parse error: /m,
          kind: "unavailable",
        },
        {
          phrases: ["finish_reason"],
          pattern: /\bfinish_reason: error\b/,
          kind: "unavailable",
        },
        { phrases: ["request too large"], kind: "context_overflow" },
        {
          phrases: ["empty response", "no response from", "no output generated", "something went wrong"],
          pattern:
            /^(?:[\w ]{1,40}: )?(?:empty response|something went wrong\b|no output generated\b)|\b(?:returned|received) an empty response\b|\bno response from (?:the )?(?:model|api|server|provider|upstream)/m,
          kind: "unavailable",
        },
        { phrases: ["string should match pattern", "invalid request format"], kind: "bad_request" },
        {
          phrases: ["the value of the"],
          pattern: /^the value of the .{1,80} parameter\b/m,
          kind: "bad_request",
        },
        { phrases: ["参数有误", "参数非法", "参数错误"], kind: "bad_request" },
        {
          phrases: ["invalid parameters", "invalid parameter"],
          pattern: /^(?:[a-z_]+: )?invalid parameters?\b/m,
          kind: "bad_request",
        },
        {
          phrases: ["unauthorized", "forbidden"],
          pattern: /^(?:[a-z_]+: )?(?:unauthorized|forbidden)(?=$|[.,:;])/m,
          kind: "auth",
        },
        { phrases: ["bad request"], pattern: /^(?:[a-z_]+: )?bad request\b/m, kind: "bad_request" },
        { phrases: ["server error"], pattern: /^(?:[a-z_]+: )?server error\b/m, kind: "unavailable" },
      ],
    },
  ],
}
