/** Four or five digits where a vendor puts its own code: `insufficient balance (1008)`, `[1302]`, `code: 1113`. */
const businessCode = /(?:(?<!\w)[[(]|\bcode["']? ?[:=]? ?["']?|错误码 ?[:：]? ?|^)(\d{4,5})(?![\w.,-]\d|\w)/g

/**
 * A word where an error puts its code: at the start, after a colon or in brackets, and, but at the start, in front
 * of a colon, a bracket or the end. Within a sentence or in quotes it is talked about.
 */
const placed =
  /(?:^|[:([=] ?["']?)([A-Za-z]\w{2,60}(?:\.\w{1,60}){0,4})(?=$|["'\])},;:]| -|(?<=^\w{3,60}) )/gm
/** `snake_case`, `CamelCase`, `dotted.Codes`, `SomeError`: no words of a language. */
const identifier = /[_.]|[a-z][A-Z]|(?:Error|Exception)$/

/** `code: Arrearage`, `reason=QUOTA_EXCEEDED`. */
const namedCode = /(?:\b|_)(?:code|type|reason|status)["']? ?[:=] ?["']?([A-Za-z][\w.]{3,80})/g
/** `ECONNREFUSED`, `UND_ERR_SOCKET`, `RESOURCE_EXHAUSTED`: nobody writes so in a sentence. */
const capitals = /\b(E[A-Z]{3,16}|[A-Z]{2,12}(?:_[A-Z]{2,16}){1,4})\b/g
/** Python's and Windows' numbers of network failures. */
const systemNumber = /\b(winerror|errno) ?(\d{2,5})\b/gi

/** What a text holds of codes, in lower case; numbers of the system as `winerror10061`. */
export function codesInText(text: string): readonly string[] {
  const found = [...text.matchAll(systemNumber)].map(([, system = "", number = ""]) => system + number)
  for (const [, code = ""] of text.matchAll(businessCode)) found.push(code)
  for (const [, code = ""] of text.matchAll(placed)) if (identifier.test(code)) found.push(code)
  for (const [, code = ""] of text.matchAll(namedCode)) found.push(code.replace(/\.$/, ""))
  for (const [, code = ""] of text.matchAll(capitals)) found.push(code)
  return found.map((code) => code.toLowerCase())
}
