import { expect, test } from "bun:test"
import { codesInText } from "../../../../src/core/classify/codes-in-text.ts"

test.each<[text: string, codes: readonly string[]]>([
  ["insufficient balance (1008)", ["1008"]],
  ["[1302] slow down", ["1302"]],
  ["took 1008 ms, (123), (123456), code 1113.5", []],
  ["RateLimitError: no", ["ratelimiterror", "rate_limit_error"]],
  ["acme.Some: no", ["some"]],
  ["Acme.Some: no", ["acme.some"]],
  ["litellm.Timeout: no", ["litellm.timeout"]],
  ["acme.b.c_2.d.e.f.AITimeoutError: no", ["aitimeouterror", "ai_timeout_error"]],
  ["TypeError: no (APIError)", ["typeerror", "apierror"]],
  ["no (NotFoundError)", ["notfounderror", "not_found_error"]],
  ["the RateLimitError is raised", []],
  ["Word: other (Throttled)", []],
  ["code: Arrearage", ["arrearage"]],
  ["the reason=Spent.", ["spent"]],
  ["connect ECONNREFUSED 1.2.3.4", ["econnrefused"]],
  ["[WinError 10061] Errno 111", ["winerror10061", "errno111"]],
  ["words alone", []],
])("the codes in %j", (text, codes) => {
  expect(codesInText(text)).toEqual(codes)
})
