function keySet(names: string): ReadonlySet<string> {
  return new Set(names.split(" "))
}

const codeKeys = keySet(
  "type status reason error name kind errortype statustext http_status httpstatus __type exception exceptiontype blockreason finishreason finish_reason error_name quotaid title :exception-type",
)
/** Fields whose three digits are an HTTP status: `code`, `httpCode`, `upstream_status_code`. */
export const statusKey =
  /^(?:(?:http|raw|api|err|error|response|upstream|provider)_?){0,2}(?:status_?code|status|code)$/
const textKeys = keySet(
  "faultstring title statustext reason quotaid quotametric limitname explanation exception",
)
const textKey =
  /(?:message|msg|^err(?:or)?|^(?:err(?:or)?|ret|reason)?_?(?:desc(?:ription)?|details?|(?<!^)info|text|summary))$/
/** What another party said: one level further in. */
export const innerKeys = keySet(
  "raw responsebody body response details cause source lasterror upstream original inner data value errors value output",
)
/** Lists of facts about the same error. */
export const sameLevelKeys = keySet("details metadata violations errors")
/** What the request said is no evidence: validators echo it. A stack names files and lines. */
export const skippedKeys = keySet(
  "input messages prompt content request requestbody requestbodyvalues stack tools ctx url request_id requestid",
)

/** Vendors' own names end as the usual ones: `bizCode`, `ErrorMsg`. */
export function isCodeKey(key: string): boolean {
  return codeKeys.has(key) || statusKey.test(key) || key.endsWith("code") || key.endsWith("error_type")
}

export function isTextKey(key: string): boolean {
  return textKeys.has(key) || textKey.test(key)
}
