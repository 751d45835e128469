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
            /\b(?:is|are|currently|temporarily|server|servers|model|service|engine|system|api) (?:[a-z]+ )?overloaded\b|^(?:[a-z_]+: )?overloaded\b/m,
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
          ],
          kind: "overloaded",
        },
        {
          phrases: ["capacity"],
          pattern: /\b(?:no|insufficient|not enough|out of|limited) capacity\b|capacity (?:exceeded|limits?)/,
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
            /\b(?:rate[- ]?limit|concurrency limit)s?\b.{0,30}\b(?:exceeded|reached|hit)\b|\b(?:exceed|exceeds|exceeded|reached|hit|over)\b.{0,60}\b(?:rate[- ]?limit|concurrency limit)|\brate[- ]limited\b|\brate limit error\b/,
          kind: "rate_limit",
        },
        {
          phrases: ["rate increased too quickly", "requests per minute", "tokens per minute"],
          pattern: /increased|exceed|reached|limit/,
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
        { phrases: ["client closed request"], kind: "timeout" },
        { phrases: ["gateway timeout", "gateway time-out"], kind: "timeout" },
        {
          phrases: ["timed out"],
          pattern: /\b(?:request|operation|upstream|response|generation) (?:has )?timed out\b/,
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
