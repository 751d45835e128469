import type { Table } from "../rule.ts"

/** What is wrong with the request itself, or with the model it names, in the words of many providers. */
export const generalRequest: Table = {
  family: "general",
  shared: [
    {
      source: "RFC 9110: the reason phrase outranks what is said about tokens after it",
      phrases: [
        {
          phrases: ["payment required"],
          pattern: /^(?:[\w ]{1,20}: )?(?:http )?402:? payment required\b/m,
          kind: "billing",
        },
      ],
    },
    {
      source:
        "OpenCode 1.18.33 overflow patterns, https://github.com/badlogic/pi-mono packages/ai/src/utils/overflow.ts",
      codes: [
        {
          codes: ["context_overflow", "contextoverflow", "prompt_too_long", "input_too_long"],
          strength: "proof",
          kind: "context_overflow",
        },
      ],
      phrases: [
        {
          phrases: ["maximum context length", "maximum prompt length"],
          pattern: /maximum (?:context|prompt) length (?:is|of|\(|exceeded)|exceed/,
          kind: "context_overflow",
        },
        {
          phrases: ["context length", "context window", "context limit", "context size", "context budget"],
          pattern:
            /exceed(?:s|ed)? .{0,60}context (?:length|window|limit|size|budget)|context (?:length|window|limit|size|budget) .{0,20}exceeded|context (?:length|window) is .{0,30}you requested|longer than the model's context|larger than .{0,30}context/,
          kind: "context_overflow",
        },
        {
          phrases: ["reduce the length of the messages", "reduce the length of the prompt"],
          kind: "context_overflow",
        },
        {
          phrases: ["maximum allowed input length", "maximum input length"],
          pattern: /exceed/,
          kind: "context_overflow",
        },
        {
          phrases: ["input is too long", "prompt too long", "request entity too large"],
          kind: "context_overflow",
        },
        {
          phrases: ["tokens"],
          pattern:
            /(?:inputs?|prompt|request) .{0,40}tokens .{0,40}(?:must be <=|more than max|exceeds? the (?:maximum|limit|model))/,
          kind: "context_overflow",
        },
        {
          phrases: [
            "too large for model with",
            "too long for model",
            "too long for this model",
            "prompt too large",
            "tokens in request more than max",
            "token limit exceeded",
            "tokens, but the configured context size",
            "context length is only",
            "prompt is too large",
            "input length exceeds",
            "input too long",
            "reduce your prompt",
            "exceeds the maximum context",
            "input token count exceeds",
            "conversation is too long",
            "message is too long",
            "request exceeds the maximum size",
            "due to context overflow",
          ],
          kind: "context_overflow",
        },
        {
          phrases: ["max_seq_len", "max_model_len", "maximum model length", "n_ctx"],
          pattern: /less than|exceed|greater than|longer than|too (?:long|large)/,
          kind: "context_overflow",
        },
        {
          phrases: ["上下文"],
          pattern: /上下文.{0,12}(?:过长|超)|超.{0,12}上下文/,
          kind: "context_overflow",
        },
        { phrases: ["prompt 超长", "输入过长", "输入超长"], kind: "context_overflow" },
      ],
    },
    {
      source: "provider documentation: refusals of content",
      phrases: [
        {
          phrases: ["content policy", "content filter", "usage policies", "safety system"],
          pattern: /(?:violat|reject|block|flag|filtered|triggered)/,
          kind: "content_filter",
        },
        { phrases: ["不安全或敏感内容", "敏感内容", "内容安全"], kind: "content_filter" },
        {
          phrases: ["content"],
          pattern:
            /\b(?:inappropriate|prohibited|blocked|harmful|unsafe|disallowed|objectionable) content\b|\bcontent (?:was |is |has been )?(?:blocked|flagged|rejected|moderated)\b/,
          kind: "content_filter",
        },
        {
          phrases: ["safety", "moderation"],
          pattern:
            /\b(?:blocked|rejected|refused|stopped|flagged)\b.{0,40}\b(?:safety|moderation)\b|\b(?:safety|moderation)\b.{0,30}\b(?:blocked|rejected|refused|violation|filters?)\b/,
          kind: "content_filter",
        },
        {
          phrases: ["flagged"],
          pattern:
            /\bflagged (?:for|as|by) .{0,40}(?:unsafe|harm|risk|violat|policy|sensitive|prohibited|abus|moderation)|\b(?:prompt|input|request|content) (?:was|has been|is) flagged\b/,
          kind: "content_filter",
        },
      ],
    },
    {
      source: "provider documentation: missing models",
      phrases: [
        {
          phrases: ["model"],
          pattern:
            /\bmodel\b[^.]{0,80}\b(?:does not exist|not found(?=$|[^ a-z]| [^a-z]| (?:in|for|on|or|at)\b)|not supported|is not available for|isn't supported|isn't available|has been (?:deprecated|retired|removed|shut down)|is deprecated|doesn't exist|no longer (?:available|supported)|is not enabled|is disabled|is unsupported|has been (?:sunset|discontinued|decommissioned)|not available (?:on|in) your|not (?:accessible|available) (?:to|with|under|for))\b/,
          kind: "model_not_found",
        },
        {
          phrases: ["model"],
          pattern:
            /\b(?:unknown|unsupported|no such|invalid) model\b(?! (?:output|response|behaviou?r))|not a valid model/,
          kind: "model_not_found",
        },
        {
          phrases: ["no access to model", "access to this model", "access to model", "access to the model"],
          pattern: /no access|not have access|denied|don't have access/,
          kind: "model_not_found",
        },
        {
          phrases: ["model", "models"],
          pattern:
            /\bnot (?:allowed|permitted|authorized|entitled|eligible) to (?:use|access|call) (?:[\w`'"/.-]+ ){0,3}models?\b|\bmodels?\b.{0,80} (?:does not|doesn't) support (?:the |this )?(?:endpoint|api\b|chat\b|completions?|responses|streaming)/,
          kind: "model_not_found",
        },
        {
          phrases: ["plan", "subscription", "tier"],
          pattern:
            /\b(?:plan|subscription|tier) (?:does not|doesn't|does not yet) (?:support|include|cover)\b|\bnot (?:supported|included|available|accessible) (?:by|in|on|with) (?:your|the) (?:[a-z]+ )?(?:plan|subscription|tier)\b/,
          kind: "model_not_found",
        },
        {
          phrases: ["model"],
          pattern: /\bmodel is only (?:supported|available) (?:in|on|via|through|for|with)\b/,
          kind: "model_not_found",
        },
        {
          phrases: ["exist or you"],
          pattern: /\bnot exist or you (?:may |do )?not have access\b/,
          kind: "model_not_found",
        },
        { phrases: ["模型不存在", "模型未找到", "未开通模型"], kind: "model_not_found" },
      ],
    },
  ],
}
