import { describe, expect, test } from "bun:test"
import { classify } from "../../../../src/core/classify/classify.ts"
import { explainKind } from "../../../../src/core/classify/explain-kind.ts"
import { failureFromFrame } from "../../../../src/core/classify/failure-from.ts"
import { sameModelRetryKind } from "../../../../src/core/classify/same-model-retry-kind.ts"
import { type Failure, type FailureKind, failureKinds } from "../../../../src/core/verdict.ts"

const now = Date.UTC(2026, 4, 10)

function answer(failure: Failure): string {
  const verdict = classify(failure, now)
  return `${verdict.kind}/${verdict.scope}`
}

describe("evidence is found at any depth", () => {
  const inner = { error: { type: "insufficient_quota", message: "no" } }
  const rows: readonly (readonly [string, unknown])[] = [
    ["plain", inner],
    ["JSON in a message", { error: { message: JSON.stringify(inner) } }],
    ["JSON in JSON in a message", { message: JSON.stringify({ message: JSON.stringify(inner) }) }],
    ["cause", { cause: inner }],
    ["lastError", { lastError: inner }],
    ["errors[]", { errors: [{ message: "first" }, inner] }],
    ["err", { err: "insufficient_quota" }],
    ["errorSummary", { errorCode: "E1", errorSummary: "insufficient_quota" }],
    ["error_details", { error_details: "insufficient_quota" }],
    ["errorDescription", { errorDescription: "insufficient_quota" }],
    ["errors[] with strangers in it", { errors: [null, "first", 7, inner] }],
    ["value", { name: "AI_TypeValidationError", value: inner }],
    ["metadata.raw", { error: { code: 400, metadata: { raw: JSON.stringify(inner) } } }],
    ["responseBody", { name: "APIError", data: { message: "x", responseBody: JSON.stringify(inner) } }],
  ]
  test.each(rows)("%s", (_, value) => {
    expect(classify({ body: JSON.stringify(value) }, now).kind).toBe("billing")
  })
  test("a body in front of which a status stands", () => {
    expect(classify({ body: `400 ${JSON.stringify(inner)}` }, now).kind).toBe("billing")
  })
  test("what the request said is no evidence", () => {
    const body = JSON.stringify({ detail: [{ type: "missing", msg: "Field required", input: inner }] })
    expect(answer({ status: 422, body })).toBe("bad_request/none")
    expect(answer({ body: JSON.stringify({ errata: "insufficient_quota" }) })).toBe("unknown/none")
  })
  test("what is said of the account beside an error is none, but what an error's own info says is, and what is alone", () => {
    const beside = JSON.stringify({ error: { message: "x" }, info: "You have 0 credits left" })
    expect(answer({ status: 400, body: beside })).toBe("bad_request/none")
    const within = JSON.stringify({ error: { message: "x" }, account: { info: "You have 0 credits left" } })
    expect(answer({ status: 400, body: within })).toBe("bad_request/none")
    const own = JSON.stringify({ error_info: "You have 0 credits left" })
    expect(answer({ status: 400, body: own })).toBe("billing/provider")
    const alone = JSON.stringify({ code: 1, info: "You have 0 credits left" })
    expect(answer({ status: 400, body: alone })).toBe("billing/provider")
  })
})

describe("how far a rate limit reaches", () => {
  test.each([
    ["Tokens per day limit exceeded - too many tokens processed.", "model"],
    ["Rate limit exceeded: your team has reached its usage limit for this billing period.", "provider"],
  ] as const)("of a day or longer: %s", (message, scope) => {
    const failure = { status: 429, provider: "x", body: JSON.stringify({ error: { message } }) }
    expect(classify(failure, 0)).toMatchObject({ kind: "quota", scope })
  })

  test.each([
    ["Rate limit exceeded for your account tier.", "rate_limit/provider"],
    ["Organization request limit exceeded", "rate_limit/provider"],
    ["Too many concurrent requests for this key; retry shortly", "rate_limit/provider"],
    ["Rate limit exceeded for the model of your account", "rate_limit/model"],
    ["Quota exceeded for your account: 100 requests per day", "quota/provider"],
    ["Rate limit exceeded", "rate_limit/model"],
  ])("%s", (body, verdict) => {
    expect(answer({ status: 429, body })).toBe(verdict)
  })
})

test("a letter's accent says nothing: who types in a hurry leaves it out", () => {
  const texts = [
    "Límite de créditos alcanzado",
    "Le quota mensuel a été dépassé",
    "A chave da API é inválida",
  ]
  const bare = ["Limite de creditos alcanzado", "Le quota mensuel a ete depasse", "A chave da API e invalida"]
  expect(bare.map((message) => answer({ message }))).toEqual(texts.map((message) => answer({ message })))
  expect(new Set(texts.map((message) => answer({ message })))).not.toContain("unknown/none")
})

describe("an answer that could not be read is the server's failure, and JSON that it could not read is not:", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["acme-server returned invalid JSON", "unavailable/model"],
    ["acme-server returned a non-200 response", "unavailable/model"],
    ["acme-server returned HTTP 200 but the message was empty", "unavailable/model"],
    ["The acme response was malformed", "unavailable/model"],
    ["JSON Parse error: Unrecognized token '<'", "unavailable/model"],
    ["Pending SSE event exceeded the maximum size", "unavailable/model"],
    [
      "encountered an error: invalid character '<' looking for beginning of value original response: <html>",
      "unavailable/model",
    ],
    ["invalid JSON in the request body", "bad_request/none"],
  ]
  test.each(rows)("%s: %s", (message, verdict) => expect(answer({ message })).toBe(verdict))
})

describe("a heading further down", () => {
  const told = (message: string): Failure => ({ status: 400, body: JSON.stringify({ error: { message } }) })

  test.each([
    "Rate limit exceeded\n### Steps to reproduce\nHow do I handle a full context window?",
    "Invoices\n## Credits\nYour credit balance is too low, say so.",
    "Insufficient balance dialog\n## Design\nA red one",
    "Quota exceeded banner should show\n\n### Details\nWhen",
  ])("is in nothing but words a sign of talk: %j", (message) => {
    expect(answer({ message })).toBe("unknown/none")
  })

  test.each([
    ["Unknown field\n## Notes\nYour credit balance is too low", "bad_request/none"],
    ["Validation failed:\n# Prompt\nYour credit balance is too low", "bad_request/none"],
    ["Rate limit exceeded\n## Notes\nYour credit balance is too low", "rate_limit/model"],
    ["API Error\n\n## Rate limit reached\n\nSlow down", "rate_limit/model"],
    ["An error occurred.\n## Insufficient credits\nBuy more", "billing/provider"],
    ["Request failed\n# HTTP 429 Too Many Requests\nslow down", "rate_limit/model"],
  ])("stands above the failure only where the words before announce one: %j", (message, verdict) => {
    expect(answer(told(message))).toBe(verdict)
  })

  test.each([
    ["litellm.APIError: upstream said:\n# Quota exceeded\nresets in 12 hours", 43_200],
    ["Rate limited.\n\n# Retry\nPlease retry in 30 seconds", 30],
  ])("hides no time: %j", (message, seconds) => {
    expect(classify(told(message), now).retryAt).toBe(now + seconds * 1000)
  })
})

describe("a model that lacks something is not missing itself", () => {
  test.each([
    "Эта модель не поддерживает вызов инструментов",
    "В этой модели не поддерживаются изображения",
    "Изображения не поддерживаются этой моделью",
    "이 모델은 도구 호출을 지원하지 않습니다",
    "이 모델에서는 이미지가 지원되지 않습니다",
    "このモデルは画像入力に対応していません",
    "このモデルではツールがサポートされていません",
    "该模型不支持图片输入",
    "模型 glm-9 暂不支持 function calling",
    "Ce modèle ne supporte pas les images",
    "The model does not recognize images",
  ])("%s", (message) => {
    expect(answer({ status: 400, body: JSON.stringify({ error: { message } }) })).toBe("bad_request/none")
  })

  test.each([
    "Модель не поддерживается",
    "Провайдер не поддерживает эту модель",
    "해당 모델은 지원하지 않습니다",
    "요청한 모델은 현재 지원되지 않습니다",
    "지원되지 않는 모델입니다",
    "指定されたモデルはサポートされていません",
    "このモデルには対応していません",
    "该模型暂不支持",
    "模型 glm-9 不支持，请更换",
    "模型 glm-9 不支持 Anthropic 协议",
    "当前分组不支持模型 glm-9",
    "该模型不支持在您的地区使用",
    "该模型不支持 default 分组",
    "Сервер модели не поддерживает эту модель",
    "Ce modèle n'est pas supporté",
  ])("but here it is: %s", (message) => {
    expect(answer({ status: 400, body: JSON.stringify({ error: { message } }) })).toBe(
      "model_not_found/model",
    )
  })
})

test.each([
  ["The tool output is malformed", "bad_request/none"],
  ["The function's response was null", "unknown/none"],
  ["the tool call output is unusable", "unknown/none"],
  ["The upstream response is malformed", "unavailable/model"],
])("what a tool gave is no answer of a provider: %s", (message, verdict) => {
  expect(answer({ body: JSON.stringify({ error: { message } }) })).toBe(verdict)
})

test.each([
  ["Hết hạn mức", "quota/provider"],
  ["Het quotum is overschreden", "quota/provider"],
  ["Hết số dư", "billing/provider"],
  ["API key đã hết hạn", "auth/provider"],
])("Vietnamese for used up, and Dutch for the: %s", (message, verdict) => {
  expect(answer({ body: JSON.stringify({ error: { message } }) })).toBe(verdict)
})

describe("a code in front, while no answer is known", () => {
  const refused = "Command failed: invalid argument --foo"
  test.each([
    ["ConnectTimeout", "timeout/provider"],
    ["BrokenPipeError", "network/provider"],
    ["CredentialsProviderError", "auth/provider"],
  ])("outranks the words of a validator: %s", (name, verdict) => {
    expect(answer({ name, message: refused })).toBe(verdict)
    expect(answer({ message: `${name}: ${refused}` })).toBe(verdict)
  })

  test("is no network's where the request is refused: an account is refused in the same words", () => {
    const body = { code: "PermissionDenied", message: "messages.3.content: invalid value" }
    expect(answer({ body: JSON.stringify(body) })).toBe("bad_request/none")
    expect(answer({ message: "Generation.FreeTierError: the free tier can only be used from the app" })).toBe(
      "auth/provider",
    )
  })

  test("a name that a validator refuses is none", () => {
    expect(answer({ message: "tools: Tool names must be unique: rate_limit_status" })).toBe(
      "bad_request/none",
    )
  })
})

test.each([
  ["ModelTimeoutException", "Model has timed out in processing the request.", "timeout/model"],
  ["ModelTimeoutException", "Request timed out.", "timeout/model"],
  ["acme_timeout", "Request timed out.", "timeout/provider"],
  ["model_rate_limited", "Sorry, you've hit a rate limit", "rate_limit/model"],
  ["acme_rate_limited", "Sorry, you've hit a rate limit", "rate_limit/provider"],
])("a code tells how far it reaches: %s", (code, message, verdict) => {
  const body = JSON.stringify({ error: { code, message } })
  expect(answer({ provider: "github-copilot", body })).toBe(verdict)
})

test.each(["", "Stream removed"])(
  "gRPC's INTERNAL is the server's, whatever stands beside it: %j",
  (message) => {
    const body = JSON.stringify({ error: { status: "INTERNAL", message } })
    expect(answer({ provider: "google", body })).toBe("unavailable/model")
  },
)

describe("the order of evidence", () => {
  const rows: readonly (readonly [string, Failure, string])[] = [
    [
      "a code outranks a phrase",
      { body: '{"error":{"code":"context_length_exceeded","message":"Too many requests"}}' },
      "context_overflow/none",
    ],
    [
      "a phrase outranks a status",
      { status: 400, body: "Your credit balance is too low" },
      "billing/provider",
    ],
    [
      "an address with a fragment is no JSON pointer",
      { status: 400, body: "See https://x.ai/#/billing: credit balance is too low" },
      "billing/provider",
    ],
    [
      "a status outranks a vague code",
      { status: 402, body: '{"error":{"code":"invalid_request_error"}}' },
      "billing/provider",
    ],
    [
      "an address with a fragment names no field",
      { status: 503, body: "Overloaded. See https://status.x.ai/#/incidents: we are working on it" },
      "overloaded/model",
    ],
    [
      "an answer without content for a reason is not a broken one",
      { body: '{"error":{"message":"No content returned. Invalid tool_choice."}}' },
      "bad_request/none",
    ],
    [
      "what a filter left out neither",
      { message: "No content generated due to safety settings" },
      "unknown/none",
    ],
    ["a status outranks digits", { status: 400, body: "error 503" }, "bad_request/none"],
    [
      "a server that names a field has read the request, whatever stands in front",
      { status: 400, body: "ConnectTimeout: messages.3.content: invalid value" },
      "bad_request/none",
    ],
    [
      "a client that got no answer names no field",
      { message: "ConnectTimeout: messages.3.content: invalid value" },
      "timeout/provider",
    ],
    ["an abort outranks all texts", { name: "AbortError", message: "rate limit exceeded" }, "aborted/none"],
    [
      "a time-out is no abort",
      { name: "TimeoutError", message: "The operation was aborted due to timeout" },
      "timeout/model",
    ],
    [
      "an inner status outranks a wrapper's",
      { status: 500, body: '{"error":{"code":429}}' },
      "rate_limit/model",
    ],
    [
      "an unknown code speaks by its words",
      { status: 400, body: '{"error":{"code":"acme_insufficient_balance"}}' },
      "billing/provider",
    ],
    [
      "an unknown code's words outrank those of the text",
      { status: 403, body: '{"error":{"code":"acme_insufficient_balance","message":"Rate limit exceeded"}}' },
      "billing/provider",
    ],
    [
      "but not where an empty account may be refused with them",
      { status: 403, body: '{"error":{"code":"acme_rate_limited","message":"Insufficient balance"}}' },
      "billing/provider",
    ],
    [
      "a text that ends with a code has said it",
      {
        provider: "antigravity",
        status: 429,
        body: '{"error":{"status":"RESOURCE_EXHAUSTED","message":"QUOTA_EXHAUSTED"}}',
      },
      "quota/model",
    ],
    [
      "an invalid request to a model is no missing model",
      { message: "model_invalid_request" },
      "unknown/none",
    ],
    ["a connection that timed out is the provider's", { name: "AcmeConnectTimeout" }, "timeout/provider"],
    ["an answer that timed out is the model's", { name: "AcmeReadTimeout" }, "timeout/model"],
    [
      "a code of a refused request in a text",
      { message: "unsupported_parameter: it is not known here" },
      "bad_request/none",
    ],
    [
      "a server's own refused connection is its outage",
      { status: 500, body: "connect ECONNREFUSED 10.0.0.1:80" },
      "unavailable/model",
    ],
  ]
  test.each(rows)("%s", (_, failure, verdict) => expect(answer(failure)).toBe(verdict))
})

describe("a quota to be checked is Google's limit of minutes and OpenAI's empty account, whatever the provider is called", () => {
  const asks = "You exceeded your current quota, please check your plan and billing details."
  const more = "For more information on this error,"
  test.each([
    [`${asks} ${more} head over to: https://ai.google.dev/gemini-api/docs/rate-limits.`, "rate_limit/model"],
    [
      `${asks} ${more} read the docs: https://platform.openai.com/docs/guides/error-codes`,
      "billing/provider",
    ],
    [`${asks}\n* Quota exceeded for metric: acme, limit: 0, model: gemini-3-pro`, "quota/model"],
    [`${asks}\n* quotaId: GenerateRequestsPerDayPerProjectPerModel-FreeTier`, "quota/model"],
    ["Quota exceeded for quota metric 'Generate requests per day' and limit 'x'", "quota/model"],
    ["Quota exceeded for a.googleapis.com/generate_requests_per_day", "quota/model"],
  ])("%s", (message, verdict) => {
    const body = JSON.stringify({ error: { message, code: 429 } })
    expect(answer({ provider: "my-llm", status: 429, body })).toBe(verdict)
    if (message.includes("platform.openai.com")) return
    expect(answer({ provider: "google", status: 429, body })).toBe(verdict)
  })
})

describe("of several sentences the first that is clear counts, and an empty account before a rate limit", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["Too many requests. The server is overloaded.", "rate_limit/model"],
    ["Rate limit exceeded. Please try again, the service is busy.", "rate_limit/model"],
    ["Rate limit exceeded. Your balance is insufficient.", "billing/provider"],
    ["The server is overloaded. Too many requests.", "overloaded/model"],
  ]
  test.each(rows)("%s", (body, verdict) => expect(answer({ status: 429, body })).toBe(verdict))
})

test("advice says less than a status, unless it is to pay", () => {
  const kind = (body: string): FailureKind => classify({ status: 404, body }, now).kind
  expect(kind("Your API key is invalid")).toBe("auth")
  expect(kind("Please check whether your API key is invalid")).toBe("model_not_found")
  expect(kind("Please top up")).toBe("billing")
})

test("what says little says it first, in nine words at most", () => {
  const kind = (message: string): FailureKind => classify({ message }, now).kind
  expect(kind("something went wrong on our side of the line")).toBe("unavailable")
  expect(kind("something went wrong on our side of the line today")).toBe("unknown")
  expect(kind("Something went wrong. Well.")).toBe("unavailable")
  expect(kind("Well. Something went wrong.")).toBe("unknown")
})

describe("an abort is known by its name, its code or its words, and by none of them under an error status", () => {
  const rows: readonly (readonly [Failure, FailureKind])[] = [
    [{ name: "AbortError", message: "boom" }, "aborted"],
    [{ code: "ABORT_ERR", message: "boom" }, "aborted"],
    [{ code: "20", message: "boom" }, "aborted"],
    [{ message: "Request aborted" }, "aborted"],
    [{ message: "API error: Request was aborted." }, "aborted"],
    [{ message: "Request failed: This operation was aborted" }, "aborted"],
    [{ body: '{"error":{"message":"Request aborted","code":502}}' }, "unavailable"],
    [{ body: '{"error":{"message":"Upstream error: request aborted"}}' }, "unavailable"],
    [{ message: "WebSocket error: aborted" }, "network"],
    [{ message: "Stream error: The operation was aborted" }, "network"],
    [{ message: "Upstream failed: request cancelled by the user" }, "unavailable"],
    [{ message: "boom" }, "unknown"],
    [{ message: "The user cancelled the request because the provider was rate limited" }, "aborted"],
    [{ message: "Interrupted by user while the model was overloaded" }, "aborted"],
    [{ message: "The request was canceled by the client" }, "aborted"],
    [{ message: "Rate limit exceeded, cancelled by the user" }, "rate_limit"],
    [{ body: '{"type":"error","message":"The request was cancelled."}' }, "aborted"],
    [{ body: '{"type":"overloaded_error","message":"The request was cancelled."}' }, "overloaded"],
    [{ name: "AbortError", status: 399 }, "aborted"],
    [{ name: "AbortError", status: 400 }, "bad_request"],
    [{ name: "AbortError", message: "the request timed out" }, "timeout"],
  ]
  test.each(rows)("%j: %s", (failure, kind) => expect(classify(failure, now).kind).toBe(kind))
})

describe("the innermost error counts, a wrapper's words last", () => {
  const inner = { error: { message: "Invalid value for temperature", code: 400 } }
  const rows: readonly (readonly [string, Failure, string])[] = [
    [
      "an exception's name around a refusal",
      { body: `litellm.APIConnectionError: OpenrouterException - ${JSON.stringify(inner)}` },
      "bad_request/none",
    ],
    [
      "two objects in one text",
      {
        status: 500,
        body: `{"error":"Internal Server Error"} ${JSON.stringify({ error: { code: 429, message: "slow" } })}`,
      },
      "rate_limit/model",
    ],
    [
      "a Python dictionary",
      { body: "Error code: 500 - {'error': {'message': 'no', 'type': 'insufficient_quota', 'param': None}}" },
      "billing/provider",
    ],
    [
      "an outage's code over an explicit refusal",
      { status: 413, body: '{"error":{"type":"upstream_error","message":"no"}}' },
      "context_overflow/none",
    ],
    [
      "a relay that names the status as its parameter",
      { status: 500, body: '{"error":{"code":"bad_response_status_code","param":"422","message":"no"}}' },
      "bad_request/none",
    ],
    [
      "a gateway that says nothing",
      { status: 400, body: '{"error":{"message":"openai_error"}}' },
      "unavailable/model",
    ],
    [
      "a gateway without a route",
      { status: 400, body: '{"error":{"message":"There are no healthy deployments for this model"}}' },
      "unavailable/model",
    ],
  ]
  test.each(rows)("%s", (_, failure, verdict) => expect(answer(failure)).toBe(verdict))
})

describe("the same words in another dress are the same error", () => {
  const dresses: readonly (readonly [string, string, FailureKind])[] = [
    ["capitals", `{"ERROR":{"MESSAGE":"THE SERVER IS BUSY","PARAM":NULL}}`, "overloaded"],
    ["a model in capitals", `{"ERROR":{"MESSAGE":"INVALID MODEL","PARAM":"MODEL"}}`, "model_not_found"],
    ["an exception in capitals", "SERVICEUNAVAILABLEEXCEPTION: NO", "unavailable"],
    ["nothing, in capitals", `{"ERROR":{"MESSAGE":"THE SERVER IS BUSY","PARAM":"NULL"}}`, "overloaded"],
    ["a failure in front of a status, in capitals", "OAUTH TOKEN EXCHANGE FAILED: 400 BAD REQUEST", "auth"],
    ["typographic quotes", "data: {“error”:{“message”:“no”,“code”:“insufficient_quota”}}", "billing"],
    ["quotes of the Germans", "{„code“: „insufficient_quota“}", "billing"],
    ["a code with hyphens", '{"error":{"message":"no","code":"usage-not-included"}}', "billing"],
    ["a code with blanks", '{"error":{"message":"no","code":"Insufficient quota"}}', "billing"],
    ["a field that is called as a code", '{"error":"The user cancelled the busy request"}', "aborted"],
    ["XML", "<Error><Code>insufficient_quota</Code><Message>no</Message></Error>", "billing"],
    ["a status in XML", "<error><code>503</code><message>no</message></error>", "unavailable"],
    ["a paragraph", "<p>insufficient_balance</p>", "billing"],
    ["a heading over a refusal", "Request failed: ValidationException: no", "bad_request"],
    ["a heading over what is unknown", "Upstream error: the moon is full of cheese", "unknown"],
  ]
  test.each(dresses)("%s", (_, body, kind) => expect(classify({ body }, 0).kind).toBe(kind))
})

describe("a refused request is told by what it says, not by a server's own 5xx", () => {
  const rows: readonly (readonly [number, string, FailureKind])[] = [
    [500, "response_format type must be one of text, json_object", "bad_request"],
    [500, "This model only supports single tool-calls at once!", "bad_request"],
    [500, `${"at worker (node:internal) ".repeat(40)} field required`, "unavailable"],
    [413, "Upstream response was not valid JSON", "unavailable"],
    [200, "Invalid error response format: Gateway request failed", "unavailable"],
    [400, "Unrecognized key in object: 'foo'", "bad_request"],
    [400, "Invalid tool schema for 'limits': properties.limit exceeded is no type", "bad_request"],
    [400, "Function `get_rate_limit`: limit exceeded", "bad_request"],
    [503, "Token error: All accounts are currently limited.", "rate_limit"],
    [400, "reduce the length of the messages", "context_overflow"],
    [400, "Malformed input request: #: extraneous key [top_k] is not permitted", "bad_request"],
    [400, "Number of thinking blocks is over the limit for caching", "bad_request"],
  ]
  test.each(rows)("%d: %s", (status, message, kind) => {
    expect(classify({ status, body: JSON.stringify({ error: { message } }) }, 0).kind).toBe(kind)
  })
  test("a category that names no field leaves a key its meaning", () => {
    const body = '{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key expired."}}'
    expect(classify({ status: 400, body }, 0).kind).toBe("auth")
  })
  test("tokens that were not counted are no keys", () => {
    expect(classify({ status: 429, body: '{"error":{"code":"count_tokens_failed"}}' }, 0).kind).toBe(
      "rate_limit",
    )
  })
  test("a vendor's own names of fields", () => {
    const body = '{"bizCode":50002,"statusMessage":"Insufficient balance"}'
    expect(classify({ body }, 0).kind).toBe("billing")
  })
})

test("what a status stands in front of in quotes is what was answered", () => {
  expect(answer({ message: 'Acme API error (403): 403 "You have run out of credits."' })).toBe(
    "billing/provider",
  )
})

describe("what a refused request quotes is no failure of its own", () => {
  const refused = (message: string) =>
    classify({ status: 400, body: JSON.stringify({ error: { message } }) }, now)
  test.each([
    [
      "talk in front of what it is about",
      "Set maxBufferSize to cap this. When the rate limit is exceeded, feed() throws.",
    ],
    ["what is usual", "Queued requests: the pool is typically full."],
    [
      "what stands behind the twentieth word",
      "The idle state is the initial state of the pool, and it keeps on waiting for work from the callers until at last the rate limit is exceeded.",
    ],
    ["what stands in a third sentence", "Run the parser. Read each line of it. Then the quota is exceeded."],
    ["a field that is not permitted", "the context field is not permitted here"],
    ["a status in a quote", "No call fits: its content begins with 'HTTP/1.1 429 Too Many Requests'"],
    ["a program", "unsupported content: while (queue.isBusy()) wait(); serverOverloaded();"],
    [
      "an object that a validator received",
      'messages do not match: expected string, received {"error":"overloaded_error"}',
    ],
    [
      "a tool's output that is not read",
      "Tool output for call_1 could not be parsed: HTTPError: 429 Too Many Requests",
    ],
  ])("%s", (_, text) => {
    expect(refused(text).kind).toBe("bad_request")
  })
  test.each([
    ["what it says first", "The rate limit is exceeded. Read each line of it.", "rate_limit"],
    ["what it calls an error", "Run the parser. Read each line. Error: the quota is exceeded.", "quota"],
    ["what it says to the one who asked", "Run it. Read it. Your quota is exceeded.", "quota"],
    [
      "a context window, however it is talked of",
      "Should the context window be exceeded, shorten it.",
      "context_overflow",
    ],
  ])("but %s", (_, text, kind) => {
    expect(refused(text).kind as string).toBe(kind)
  })
})

describe("a refused field is a bad request, whatever words stand in it", () => {
  const texts = [
    "Invalid schema for function 'lookup': property description 'rate limit exceeded' is not allowed",
    "thinking budget exceeded: budget_tokens 64000 > 32000",
    "Unknown parameter: rate_limit",
    "The model gpt-4o does not support reasoning_effort: not supported",
    "quota exceeded is no valid value",
  ]
  test.each(texts)("%s", (message) => {
    const error = { message, type: "invalid_request_error", param: "tools[0]", code: "invalid_value" }
    expect(answer({ status: 400, body: JSON.stringify({ error }) })).toBe("bad_request/none")
  })
})

test("a code of a value's bounds speaks of no limit", () => {
  const error = { message: "too large", param: "top_p", code: "decimal_above_max_value" }
  expect(answer({ status: 400, body: JSON.stringify({ error }) })).toBe("bad_request/none")
  const limited = { message: "too much", param: "quota", code: "max_quota_exceeded" }
  expect(answer({ status: 400, body: JSON.stringify({ error: limited }) })).toBe("quota/provider")
})

describe("subject and state say what no list holds", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["All instances are busy", "overloaded/model"],
    ["No GPU available", "overloaded/model"],
    ["Das Kontingent ist ausgeschöpft", "quota/provider"],
    ["El servidor está sobrecargado", "overloaded/model"],
    ["Le solde du compte est insuffisant", "billing/provider"],
    ["Превышен лимит запросов", "rate_limit/model"],
    ["リクエストが多すぎます", "rate_limit/model"],
    ["API 키가 유효하지 않습니다", "auth/provider"],
    ["请求失败，状态码：４２９", "rate_limit/model"],
    ["You are limited to 1000 API calls / month and have reached the limit", "quota/provider"],
    ["nodename nor servname provided, or not known", "network/provider"],
    ["x509: certificate signed by unknown authority", "network/provider"],
    ["Hostname/IP does not match certificate's altnames", "network/provider"],
    ["dial tcp: lookup api.example.com: no such host", "network/provider"],
    [
      "Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte",
      "network/provider",
    ],
  ]
  test.each(rows)("%s", (message, verdict) => expect(answer({ message })).toBe(verdict))
})

test.each([
  [`AI_TypeValidationError: Type validation failed: Value: {"choices":null}.`, "unavailable/model"],
  [`Type validation failed: Value: {"error":{"message":"Insufficient credits"}}.`, "billing/provider"],
  [`Type validation failed: Value: {"error":{"message":"messages.1: field required"}}.`, "bad_request/none"],
  [
    "AI_JSONParseError: JSON parsing failed: Text: <html><h1>502 Bad Gateway</h1></html>.",
    "unavailable/model",
  ],
  ["Invalid input for tool bash: Type validation failed: Value: {}.", "bad_request/none"],
])("what the AI SDK missed in an answer is no part of a request: %s", (text, verdict) => {
  const issues = `[{"code":"invalid_type","path":["choices"],"message":"Unrecognized token '<'"}]`
  expect(answer({ message: `${text}\nError message: ${issues}` })).toBe(verdict)
})

test.each([
  ["AI_EmptyResponseBodyError: Empty response body", "unavailable/model"],
  ["the request has an empty response body field", "bad_request/none"],
  ["AI_DownloadError: Failed to download https://acme.dev/a.png: 404 Not Found", "bad_request/none"],
  ["RangeError: Maximum call stack size exceeded", "unknown/none"],
  ["Maximum calls per minute exceeded", "rate_limit/model"],
  ["connect EPERM 203.0.113.7:443", "network/provider"],
  ["dial tcp 203.0.113.7:443: connect: operation not permitted", "network/provider"],
  ["Connector is not permitted for this key", "auth/provider"],
  ["Could not connect: permission denied. Check your API key", "auth/provider"],
  ["dial unix /var/run/docker.sock: connect: permission denied", "unknown/none"],
])("%s: %s", (message, verdict) => {
  expect(answer({ message })).toBe(verdict)
})

test("errors of Bun's fetch are known in every spelling", () => {
  const codes = [
    "ConnectionRefused",
    "ECONNREFUSED",
    "ENOTFOUND",
    "ECONNRESET",
    "ConnectionClosed",
    "FailedToOpenSocket",
  ]
  expect(codes.map((code) => answer({ code, name: "Error" }))).toEqual(codes.map(() => "network/provider"))
  expect(answer({ code: "ETIMEDOUT" })).toBe("timeout/provider")
  expect(answer({ code: "CERT_HAS_EXPIRED" })).toBe("network/provider")
})

test("a kind is explained in two to five words", () => {
  for (const kind of failureKinds) expect(explainKind(kind)).toMatch(/^\S+(?: \S+){1,4}$/)
})

test("a plain 500 counts as server_error for the repeated request, an overload does not", () => {
  const plain = { status: 500, body: "Internal Server Error" }
  const busy = { status: 529, body: "Overloaded" }
  expect(sameModelRetryKind(classify(plain, now), plain)).toBe("server_error")
  expect(sameModelRetryKind(classify(busy, now), busy)).toBe("overloaded")
})

describe("a field of the request that is named", () => {
  const odd = (error: object): Failure => ({ status: 500, body: JSON.stringify({ error }) })
  const message = "xyzzy"
  const rows: readonly (readonly [string, Failure, FailureKind])[] = [
    [
      "is what is refused, also under a server's own 500",
      odd({ message, param: "temperature" }),
      "bad_request",
    ],
    ["by its place", odd({ message, loc: ["body", "tools"] }), "bad_request"],
    ["is none where it is nothing", odd({ message, param: "null" }), "unavailable"],
    ["is none where it is empty", odd({ message, param: " " }), "unavailable"],
    ["is none where it is the model itself", odd({ message, param: "model" }), "unavailable"],
    ["is a status where a gateway puts one there", odd({ message, param: "429" }), "rate_limit"],
    [
      "outranks no limit that a code names",
      odd({ message, param: "tokens", code: "rate_limit_exceeded" }),
      "rate_limit",
    ],
  ]
  test.each(rows)("%s", (_, failure, kind) => {
    expect(classify(failure, now).kind).toBe(kind)
  })

  test("is what the rule says, or the code that stands for it", () => {
    const rule = (error: object): string => classify({ ...odd(error), status: 400 }, now).rule
    expect(rule({ message, param: "temperature" })).toBe("a field of the request is named")
    expect(rule({ message, code: "invalid_value" })).toBe("code invalid_value")
  })
})

describe("what is not found is the model, unless it is something that the request refers to", () => {
  const missing = (error: object): Failure => ({ status: 404, body: JSON.stringify({ error }) })
  const rows: readonly (readonly [string, object, string])[] = [
    ["by a field", { message: "No such object", param: "id" }, "bad_request/none"],
    ["a file", { type: "not_found_error", message: "File not found: file_011CN" }, "bad_request/none"],
    ["files", { message: "Files [file-abc123] were not found" }, "bad_request/none"],
    ["a file by its name", { message: "No such File object: file-abc" }, "bad_request/none"],
    ["a part of an earlier answer", { message: "Item with id 'rs_68a' not found." }, "bad_request/none"],
    ["an earlier answer", { message: "Previous response with id 'resp_1' not found." }, "bad_request/none"],
    ["a container", { message: "Container with id 'cntr_dead' not found." }, "bad_request/none"],
    ["a conversation", { message: "Conversation not found" }, "bad_request/none"],
    ["a field's place", { message: "xyzzy", loc: ["body", "file_id"] }, "bad_request/none"],
    ["a model", { type: "not_found_error", message: "model: claude-3" }, "model_not_found/model"],
    ["a model as a field", { message: "xyzzy", param: "model" }, "model_not_found/model"],
    ["a model within a field", { message: "xyzzy", param: { modelId: "glm" } }, "model_not_found/model"],
    ["a model in its place", { message: "xyzzy", loc: ["body", "model"] }, "model_not_found/model"],
    [
      "a model by any field",
      { param: "engine", message: "The model x does not exist" },
      "model_not_found/model",
    ],
    [
      "a model that a code names",
      { code: "model_not_found", message: "x", param: "id" },
      "model_not_found/model",
    ],
    [
      "a deployment that a code names",
      { code: "DeploymentNotFound", param: "deployment" },
      "model_not_found/model",
    ],
    [
      "a model that a code names, whatever else is named",
      { code: "model_not_found", type: "not_found_error", message: "File not found" },
      "model_not_found/model",
    ],
    ["a model called file", { message: "The engine acme-ai-file not found" }, "model_not_found/model"],
    ["a model called file, by its path", { message: "acme/file not found" }, "model_not_found/model"],
    ["a model's file", { message: "model file not found" }, "model_not_found/model"],
  ]
  test.each(rows)("%s", (_, error, verdict) => expect(answer(missing(error))).toBe(verdict))
})

test("Groq says 413 of a limit", () => {
  expect(answer({ provider: "groq", status: 413 })).toBe("rate_limit/model")
})

describe("a wait of hours under a rate limit", () => {
  const limited = (provider: string, seconds: number): FailureKind =>
    classify({ provider, status: 429, headers: { "retry-after": String(seconds) } }, now).kind
  test.each([
    ["anthropic", 3_600, "quota"],
    ["anthropic", 3_599, "rate_limit"],
    ["github-copilot", 7_200, "quota"],
    ["openai", 7_200, "rate_limit"],
    ["groq", 7_200, "rate_limit"],
  ] as const)("%s, %d s: %s", (provider, seconds, kind) => {
    expect(limited(provider, seconds)).toBe(kind)
  })
})

describe("an exception's or a code's own words", () => {
  const names = [
    ["openai.AuthenticationError", "auth/provider"],
    ["openai.PermissionDeniedError", "auth/provider"],
    ["groq.InternalServerError", "unavailable/model"],
    ["google.api_core.exceptions.ServiceUnavailable", "unavailable/model"],
    ["httpx.ReadTimeout", "timeout/model"],
    ["requests.exceptions.ConnectionError", "network/provider"],
    ["aiohttp.client_exceptions.ServerDisconnectedError", "network/provider"],
    ["com.acme.ServerBusyException", "overloaded/model"],
    ["TypeError", "unknown/none"],
    ["KeyError", "unknown/none"],
    ["APIError", "unknown/none"],
  ]
  test.each(names)("%s: something odd", (name, expected) => {
    expect(answer({ message: `${name}: something odd` })).toBe(expected)
  })
  test("outranks the network that the server speaks of", () => {
    const error = { code: "overloaded", message: "late stream failure" }
    expect(answer({ body: JSON.stringify({ error }) })).toBe("overloaded/model")
  })
  test.each([
    ["InsufficientCredits", "billing/provider"],
    ["TokenExpired", "auth/provider"],
    ["ModelOverloaded", "overloaded/model"],
    ["DailyLimitExceeded", "quota/provider"],
    ["InvalidRequestError", "bad_request/none"],
    ["upstream_unavailable", "unavailable/model"],
    ["NoProviderAvailable", "unavailable/model"],
    ["upstream_error", "bad_request/none"],
    ["AccountRateLimitExceeded", "rate_limit/provider"],
    ["user_global_rate_limited", "rate_limit/provider"],
    ["ModelAccountRpmRateLimitExceeded", "rate_limit/model"],
  ])("400 with the code %s", (code, expected) => {
    expect(answer({ status: 400, body: JSON.stringify({ error: { code, message: "x" } }) })).toBe(expected)
  })
})

test("a list of errors says more of the same error", () => {
  const error = { message: "Your daily quota is used up.", errors: [{ reason: "rateLimitExceeded" }] }
  expect(classify({ body: JSON.stringify({ error }) }, now).kind).toBe("quota")
})

describe("the bare word auth", () => {
  test.each([
    [{ status: 503, body: "auth error: the keeper of keys has failed" }, "unavailable/model"],
    [{ status: 500, body: "no auth available" }, "unavailable/model"],
    [{ status: 503, body: "auth error: invalid api key" }, "auth/provider"],
    [{ status: 400, body: JSON.stringify({ error: { code: "err_auth_failed" } }) }, "auth/provider"],
    [{ message: "auth error" }, "auth/provider"],
  ] as const)("%o: %s", (failure, expected) => {
    expect(answer(failure)).toBe(expected)
  })
})

test("402 asks for money, whatever is said of capacity", () => {
  const answered = (status: number) => classify({ status, body: "capacity used up" }, now).kind
  expect([answered(402), answered(503)]).toEqual(["billing", "overloaded"])
})

test("402 asks for money, unless the limit is reset by itself", () => {
  expect(answer({ status: 402, body: "Rate limited" })).toBe("billing/provider")
  expect(answer({ status: 402, body: "Limited to 10 requests per minute: rate limited" })).toBe(
    "rate_limit/model",
  )
})

test("what botocore says of any error says nothing of this one", () => {
  const text = "An error occurred (ValidationException) when calling the InvokeModel operation: no such luck"
  expect(answer({ name: "ApiError", message: text })).toBe("bad_request/none")
})

test("an outage of the address is everybody's behind it", () => {
  const page = "<html><title>502</title>Cloudflare: the origin web server does not answer</html>"
  expect(answer({ status: 502, body: page })).toBe("unavailable/provider")
  expect(answer({ status: 500, body: page })).toBe("unavailable/provider")
  expect(answer({ status: 502, body: page.replace("Cloudflare", "nginx") })).toBe("unavailable/model")
  const late = "<html><title>Gateway time-out</title>Cloudflare</html>"
  expect(answer({ status: 504, body: late })).toBe("timeout/provider")
  expect(answer({ status: 504, body: late.replace("Cloudflare", "nginx") })).toBe("timeout/model")
  expect(answer({ status: 499, body: late })).toBe("timeout/model")
})

const deadKey = '{"error":{"code":"invalid_api_key","message":"Incorrect API key provided"}}'

describe("an allowance that only headers tell from a burst", () => {
  const full = { "x-codex-primary-used-percent": "100" }
  test.each<[string, Failure, FailureKind]>([
    ["Codex's first window is used up", { status: 429, headers: full }, "quota"],
    [
      "Codex's second window is used up",
      { status: 429, headers: { "x-codex-secondary-used-percent": "100.0" } },
      "quota",
    ],
    [
      "it is nearly used up",
      { status: 429, headers: { "x-codex-primary-used-percent": "99" } },
      "rate_limit",
    ],
    ["no status is known", { headers: full }, "quota"],
    ["the status is another one", { status: 503, headers: full }, "unavailable"],
    [
      "Claude's subscription says no",
      { status: 429, headers: { "anthropic-ratelimit-unified-status": "rejected" } },
      "quota",
    ],
    ["the body proves another failure", { status: 429, headers: full, body: deadKey }, "auth"],
  ])("%s", (_, failure, kind) => {
    expect(classify(failure, 0).kind).toBe(kind)
  })

  test("a request that is refused for itself has no time at which it is well", () => {
    const refused = { status: 400, message: "max_tokens is too large", headers: { "retry-after": "5" } }
    expect(classify(refused, 0)).not.toHaveProperty("retryAt")
  })
})

describe("words that are also said of something else", () => {
  const frame = (error: object): FailureKind => classify(failureFromFrame(JSON.stringify({ error })), 0).kind
  const refused = (status: number, message: string): FailureKind =>
    classify({ status, provider: "x", body: JSON.stringify({ error: { message } }) }, 0).kind

  test.each([
    [{ code: 499, message: "The operation was cancelled.", status: "CANCELLED" }, "timeout"],
    [
      { type: "rate_limit_error", message: "Request was cancelled: too many concurrent requests" },
      "rate_limit",
    ],
    [{ code: "billing_not_active", message: "User has cancelled subscription" }, "billing"],
    [{ message: "The operation was cancelled." }, "aborted"],
    [{ message: "The user rejected permission to use this tool" }, "aborted"],
  ] as const)("a provider that cancels is no user who does: %j", (error, kind) => {
    expect(frame(error)).toBe(kind)
  })

  test.each([
    ["You must purchase credits to use this model", "billing"],
    ["You must provide an API key", "auth"],
    ["I'm sorry, your account has insufficient credits to run this request.", "billing"],
    ["当前模型负载过高，如果急需请切换其他模型", "overloaded"],
    ["额度已用完，如果需要请升级套餐", "quota"],
  ] as const)("a refusal that tells the reader what to do is no talk: %s", (message, kind) => {
    expect(refused(400, message)).toBe(kind)
  })

  test.each([
    [500, "Failed to transform upstream response: expected array, received undefined", "unavailable"],
    [400, "expected array, received undefined", "bad_request"],
    [426, "You're out of date. Please upgrade your client.", "bad_request"],
    [401, "You're out of session, please log in again", "auth"],
    [400, "You're out of Codex messages.", "quota"],
  ] as const)("%d %s", (status, message, kind) => {
    expect(refused(status, message)).toBe(kind)
  })
})
