/** Four or five digits where a vendor puts its own code: `insufficient balance (1008)`, `[1302]`, `code: 1113`. */
const businessCode = /(?:(?<!\w)[[(]|\bcode["']? ?[:=]? ?["']?|错误码 ?[:：]? ?|^)(\d{4,5})(?![\w.,-]\d|\w)/g

/**
 * A word where an error puts its code: at the start, after a colon or in brackets, and, but at the start, in front
 * of a colon, a bracket or the end. Within a sentence or in quotes it is talked about.
 */
const placed =
  /(?:^(?:- |<\d{3,7}> )?| - |[:([=] ?["']?)([A-Za-z]\w{2,60}(?:\.\w{1,60}){0,7})(?=$|["'\])},;:]| -|(?<=^\w{3,60}) )/gm
/** `snake_case`, `CamelCase`, `dotted.Codes`, `SomeError`: no words of a language. */
const identifier = /[_.]|[a-z][A-Z]|(?:Error|Exception|\wERROR|EXCEPTION)$/

/** `code: Arrearage`, `reason=QUOTA_EXCEEDED`. */
const namedCode = /(?:\b|_)(?:code|type|reason|status)["']? ?[:=] ?["']?([A-Za-z][\w.]{3,80})/g
/** `ECONNREFUSED`, `UND_ERR_SOCKET`, `RESOURCE_EXHAUSTED`: nobody writes so in a sentence. */
const capitals = /\b(E[A-Z]{3,16}|[A-Z]{2,12}(?:_[A-Z]{2,16}){1,4})\b/g
/** Python's and Windows' numbers of network failures. */
const systemNumber = /\b(winerror|errno) ?(\d{2,5})\b/gi

/** Where an exception is defined, in lower case: `google.api_core.exceptions.`. LiteLLM's own names mean less. */
const modulePath = /^(?!litellm\.)(?:[a-z_][a-z\d_]{0,60}\.){1,8}(?=[A-Z]\w*$)/

/** `openai.RateLimitError` is a `RateLimitError`, `requests.exceptions.ConnectionError` says nothing of requests. */
function withoutModule(code: string): string {
  return code.replace(modulePath, "")
}

/** `Faraday::ConnectionFailed`, `GuzzleHttp\\Exception\\ConnectException`: what stands before the name. */
const namespace =
  /(?:\b[A-Za-z]\w{0,60}(?:::|\\{1,2})){1,8}(?=[A-Z]\w*(?:Error|Exception|Failed|Failure|Timeout|Refused|Reset|Closed)\b)/g

/** Connect's RPC has one exception for all its codes: `ConnectError: [resource_exhausted] …`. It speaks of no network. */
const rpcException = /\bConnectError: (?=\[[a-z_]{6,24}\])/g

/** Exceptions of languages, and the one that SDKs derive all others from: their names say nothing of a request. */
const general = /^(?:Type|Value|Key|Index|Name|Attribute|Runtime|Permission|API|Api)Error$/

const apart = /^[a-z]+(?:[ -][a-z]+){1,5}$/i

/** A code in lower case, and with `_` between its words where it joins them: `ModelOverloaded`. */
export function spellingsOf(code: string): readonly string[] {
  if (apart.test(code)) return [code.replaceAll(/[ -]/g, "_").toLowerCase()]
  if (code === code.toLowerCase()) return [code]
  const name = withoutModule(code)
  const joined = name.toLowerCase()
  const parted = name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
  return parted === joined || general.test(name) ? [joined] : [joined, parted]
}

/** What a text holds of codes, in lower case; numbers of the system as `winerror10061`. */
export function codesInText(full: string): readonly string[] {
  const text = full.replaceAll(namespace, "").replaceAll(rpcException, "")
  const found = [...text.matchAll(systemNumber)].map(([, system = "", number = ""]) =>
    (system + number).toLowerCase(),
  )
  for (const [, code = ""] of text.matchAll(businessCode)) found.push(code)
  for (const [, code = ""] of text.matchAll(placed)) if (identifier.test(code)) found.push(code)
  for (const [, code = ""] of text.matchAll(namedCode)) found.push(code.replace(/\.$/, ""))
  for (const [, code = ""] of text.matchAll(capitals)) found.push(code)
  return found.flatMap(spellingsOf)
}

/** Of the codes that a text holds those that it begins or ends with, and Chromium's and Node's anywhere: `net::ERR_…`. */
export function codesSaid(textCodes: readonly string[], text: string): readonly string[] {
  if (textCodes.length === 0) return textCodes
  const start =
    /^(?:- )?(?:error: |\[cause\]: )?(?:\w{1,60}(?:::|\\))*([\w.]{3,200})(?::(?!:)| \(| with |$)/m.exec(
      text,
    )?.[1] ?? ""
  const name = start.slice(start.lastIndexOf(".") + 1)
  const end = /: (\w{3,200})$/.exec(text)?.[1] ?? ""
  return textCodes.filter(
    (code) =>
      (code.startsWith("err_") && text.includes(code)) ||
      code === start ||
      code === end ||
      code.replaceAll("_", "") === name,
  )
}
