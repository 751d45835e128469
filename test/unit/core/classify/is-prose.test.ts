import { describe, expect, test } from "bun:test"
import { classify } from "../../../../src/core/classify/classify.ts"
import { isProse } from "../../../../src/core/classify/is-prose.ts"
import type { FailureKind } from "../../../../src/core/verdict.ts"

describe("talk about failures is no failure", () => {
  const rows = [
    "The function returns 429 when the rate limit is exceeded.",
    "Let's check the quota exceeded handling",
    "I am going to fix the 503 error in the proxy",
    "TODO: handle 529 overloaded responses",
    "A 429 may be a rate limit or an exhausted quota.",
    "Rate limit errors can mean too many requests or too many tokens.",
    "Requests keep failing with an overloaded model even though the provider is up",
    "The user asked about billing errors",
    'const message = "You have exceeded your monthly quota"',
    "TypeError: Cannot read properties of undefined (reading 'quota')",
    "public class OverloadedException extends RuntimeException {}",
    "SELECT count(*) FROM requests WHERE status = 429",
    "Write a polite email to a customer whose card was declined.",
    "- [ ] handle exhausted credits",
    "请把“余额不足”的提示改成红色",
    "INSERT INTO errors VALUES (429, 'Too Many Requests')",
    "function retry(error) { return error.status === 429 }",
    "Add a banner that tells customers their credit card was declined.",
    "We should implement a timeout for the request",
    "How do I handle rate limit exceeded errors in my code?",
    "This PR adds rate limit handling",
    "I added a test for the case where the quota is exhausted",
    "## Payments\nHandle insufficient credits.",
    "EACCES: permission denied, open '/etc/passwd'",
    "EDQUOT: disk quota exceeded, write '/home/u/.cache/log.txt'",
    "fatal: unable to access 'https://example.com/a/b.git/': The requested URL returned error: 403",
    "remote: Permission to a/b.git denied to c.",
    "Скажи, бывает ли api error 429 у Anthropic?",
    "Warum antwortet der Server mit HTTP 503?",
    "- Quel est le comportement hors ligne, sans IA et quota dépassé ?",
    "The test suite timed out after 30s",
    "Permission denied (publickey).",
    "build failed: docker image load failed: exit status 1",
    "AbortWithMessage is called from middleware/utils.go:429",
    "Gateway requests retry 429/503 responses with shared cooldowns",
    "The gateway reports an empty balance as a 429",
    "返回 429 时翻译为友好提示",
    "写了速度超限呀，你用的是套餐吗？",
    "当余额不足时，系统会自动切换到备用模型。",
    "Does the fallback also trigger on 402 Payment Required?",
    "I see 401 invalid api key, can you look at the config?",
    'src/errors.ts:42: throw new Error("quota exceeded")',
    "An exhausted key is never retried",
    "every 429 response counts against your budget, and the service is overloaded",
    "clients may see that the server is overloaded",
    "maps each rate limit to Limited { retry_after_ms: 5000 }, classified by its text",
    "帮我看看余额不足时为什么没有切换模型",
    "HTTP 503 usually means that the service is overloaded",
    "Quota-exhausted 429s are marked as terminal so that agents fail fast",
    "Also having this issue - all prompts return too many requests.",
    "Same here, rate limit exceeded on every prompt",
    "user reported that an unknown error occurred during sync",
    "You've hit your session limit before, so I added a retry.",
    "For full description of the API and all options, please see the docs",
    "You will need to run with --allow-read to load alternative locales.",
    "Ollama 500 errors are typically transient server-side issues",
    '402 => "Usage limit reached".to_string(),\n429 => "Rate limited. Please try again later.".to_string(),',
    "- 429 waits\n- 529 (API overloaded) tries again",
    "[Debug] how HTTP 403 looks\nPermission denied",
  ]
  test.each(rows)("%s", (message) => {
    expect(classify({ message }, 0)).toMatchObject({ kind: "unknown", scope: "none" })
  })
})

describe("what manuals are made of says nothing of a refused request either", () => {
  const rows = [
    "```sh\ntimeout 20m run --agent build\n```",
    "```json\nrate limit exceeded\n```",
    "Options:\n  -t, --timeout <delay>  timeout in seconds",
    "| kind | meaning |\n| ---- | ------- |\n| quota | your quota is exhausted |",
  ]
  test.each(rows)("%j", (message) => {
    expect(classify({ message }, 0).kind).toBe("unknown")
    expect(classify({ status: 400, body: JSON.stringify({ error: { message } }) }, 0).kind).toBe(
      "bad_request",
    )
  })

  test("a fence further down does", () => {
    const body = "Error: rate limit exceeded\n```\nslow down\n```"
    expect(classify({ status: 400, body }, 0).kind).toBe("rate_limit")
  })
})

describe("a statement is a failure, whatever advice follows", () => {
  const rows = [
    "You have exceeded your quota. Learn how to increase your quota limits",
    "Rate limit exceeded, see the documentation about rate limits",
    "Error: quota exceeded when calling the API, please handle billing",
    "Unable to connect. Is the computer able to access the url?",
    "Free usage exceeded, add credits https://opencode.ai/zen",
    "You have reached your rate limit, which usually resets within the hour",
    "Anthropic temporarily overloaded — usually clears in a moment",
    "Anthropic rate limit hit - usually clears on its own; if it keeps happening, raise the usage tier",
    "The service is overloaded (usually around 3:00–6:00 PM EST), try again later.",
    "stream timeout due to inactivity | This usually means the model is not responding.",
    "当前分组上游负载已饱和，请稍后再试",
    "Requests are sent too often",
    "Rate limit may be exceeded. Please try again later.",
    "Local proxy failed while handling endpoint /responses: HTTP 429; cause: slow down",
    "Rate limit reached, please try again in 7m12.432s",
    "Rate limit reached, please try again in 503s",
    "Non-retryable client error: model not found",
    "The upstream model became unavailable",
    "Permission denied on resource project.\n[Debug Info]\nStatus: 403",
    "Server error, please report the following request id: c1abab9a-6b87-42bf-b218-176f71929c9c",
    "- 429 Too Many Requests\n- 429 Too Many Requests",
    "* HTTP 503: service unavailable\n* HTTP 429: too many requests",
    '429 => "Too many requests"',
  ]
  test.each(rows)("%s", (message) => expect(classify({ message }, 0).kind).not.toBe("unknown"))
})

test("a status or a code is stronger than the sound of the words", () => {
  const message = "when the rate limit is exceeded"
  expect(isProse(message)).toBe(true)
  expect(classify({ message, status: 429 }, 0).kind).toBe("rate_limit")
  expect(
    classify({ body: JSON.stringify({ error: { code: "rate_limit_exceeded", message } }) }, 0).kind,
  ).toBe("rate_limit")
})

describe("a supplier's status that a gateway quotes", () => {
  const rows: readonly (readonly [number, string, FailureKind])[] = [
    [500, "Request failed with status code 429", "rate_limit"],
    [502, "Upstream provider returned HTTP 401", "auth"],
    [400, "Upstream provider NIM returned HTTP 404", "model_not_found"],
    [429, "Request failed with status code 500", "rate_limit"],
    [500, "processing 429 records failed", "unavailable"],
  ]
  test.each(rows)("%d: %s", (status, body, kind) => expect(classify({ status, body }, 0).kind).toBe(kind))
})
