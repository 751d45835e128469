import { refusesRequest } from "./http-statuses.ts"
import { normalizeText } from "./normalize-text.ts"

const what =
  "(?:parameter|argument|field|value|type|property|properties|key|schema|json|format|role|name|body|payload|tool|tools|message|messages|image|images|file|media|mime|option|input|arguments|params?|request|prompt|content|url|id|enum|model output|max_tokens|temperature|function|configuration)"

/** "This model does not support images": what it lacks stands between or behind; where nothing does, the model is what is missing. */
const unsupported = [
  "模型 ?(?:\\S{1,60} )?(?:暂时?|目前|当前|还|并)?不支持 ?(?![,.。;:!?)]|$|的|在|[该此这本您你]|[\\w ]{0,20}(?:协议|接口|端点|地区|区域|套餐|分组|渠道|账|模型))",
  "モデル(?:では|には|は|で)[^。\\n]{1,20}(?<!リージョン|地域|プラン)[にをが](?:対応|サポート)(?:し|され)てい(?:ません|ない)",
  "모델(?:은|이|에서는?|에는) [^.\\n]{1,20}(?<!지역|요금제|플랜)[을를이가은는] 지원[하되]지 않",
  "(?<![а-я])модел[а-я]{1,3}(?: [^\\s.]{1,60})? не (?:поддерживает|умеет) (?!(?:эту |данную |указанную )?модел|(?:этот |ваш )?(?:регион|тариф))",
  "(?:этой|данной|выбранной) модел[а-я]{1,3} не поддерживаются|не поддержива[ею]тся (?:в |для )?(?:этой|данной|выбранной) модел",
  "\\bmodele(?: [^\\s.]{1,60})? ne (?:supporte|gere|prend|trouve|reconnait) pas|\\bmodel does not recogni[sz]e (?!this|the model|your)",
]

/** What a request asks for and a model may be without: whatever else "is not enabled for this model" is no fault of the request. */
const feature =
  "(?:tools?|functions?|json\\w*|response_format|tool_choice|schemas?|structured outputs?|thinking|reasoning|effort|retention mode|candidates|log ?probs|streaming|prefill\\w*|images?|vision|audio|videos?|files?|pdfs?|attachments?|system (?:prompts?|messages?|instructions?)|developer (?:messages?|instructions?)|temperature|top_[pk]|penalty|penalties|stop sequences?|service_tier|parameters?|arguments?|fields?)"
/** "Streaming is temporarily disabled", "Vision quota is not available", "The audio model is not enabled for this deployment". */
const elsewhere =
  "temporarily|quotas?|capacity|tiers?|plans?|access|accounts?|subscriptions?|credits?|models?"

/** How validators speak, whoever wrote them: a path in front, numbers compared, a field that must be something. */
const strong = new RegExp(
  [
    // `messages.7.content.0: …`, `tools[0].function.parameters: …`, `body.x: …`
    "^\\W{0,3}(?:body(?=[.[])|messages|message(?=[.[])|tools?|input|contents?|params?|system|thinking|metadata|response_format|generat\\w+|output\\w*|reasoning)(?:[.[][\\w\\]]+)*(?<!exception|error): |^\\W{0,3}max_\\w+: ",
    "\\b[a-z_]+(?:\\.\\d+|\\[\\d+\\])\\.[a-z_]+",
    "(?<![\\w/])#(?:/[\\w-]+)+: ",
    "^(?:tool|function) (?:['\"`][\\w-]{1,64}['\"`]|\\w{0,40}_\\w{1,40}): ",
    "\\d+ ?(?:>=?|<=?) ?\\d",
    "\\badditional propert(?:y|ies)\\b|\\bmalformed input request\\b",
    "\\bexceeds (?:the )?maximum (?:allowed )?value\\b",
    "\\b(?:body|json|schema|payload) (?:could not|cannot) be (?:parsed|read|decoded)\\b",
    "\\bmissing (?:from|in) the (?:request )?(?:body|payload)\\b",
    // What only its maker can read: `encrypted_content` of another account or model.
    "\\bencrypted[ _](?:\\w+[ _]){0,2}content\\b.{0,80}\\b(?:not|invalid|mismatch\\w*)\\b",
    "\\bnumber of (?!requests|calls|concurrent|tokens|input|connections)\\w+(?: \\w+){0,3} (?:is over|exceeds|is greater|must)\\b|\\bbut (?:images?|audio|files?|videos?) (?:were|was) (?:provided|sent|given)\\b",
    `\\b(?:unknown|unrecogni[sz]ed|unsupported|unexpected|invalid|missing|extra|duplicate|malformed) (?:required |request |tool |function )?(?:parameter|argument|field|value|type|property|schema|json|format|role|enum)s?\\b|\\b(?:unknown|unrecogni[sz]ed|unsupported|unexpected|extra|duplicate) keys?\\b`,
    "\\b(?:image|file|document|pdf|attachment|video|audio)s?\\b(?! (?:rate|quota|request)).{0,30}\\b(?:exceeds?|too (?:large|many|big))",
    "\\b(?:roles must|does not support (?!(?:this |the |that )?model\\b|(?:[\\w-]+ ){0,3}api\\b|endpoint|on[- ]demand|your|this (?:endpoint|region|country))|do not support|(?<!plan |account |tier |key )only supports?\\b|extra inputs?|field required|is a required property|is not one of|is not of type|cannot unmarshal|(?:not |un)supported (?:by|with|for|on) (?:this (?:model|deployment)|[\\w./:@-]+ models?)|only supported by [\\w./:@-]+ models|deprecated for this (?:model|deployment)|tool_(?:use|result|call)s?|without (?:a |its )?(?:required|corresponding|preceding|matching)|expected an? (?:value|number|integer|string|array|object|boolean)|must be (?:<|>|passed back|less than|greater|at (?:most|least)|between|one of))",
    // "Logprobs are not enabled for this model", but "API access is not …" and "GPUs are not …"
    `(?<![\\w/-])${feature}(?![\\w/-])(?:(?!\\b(?:${elsewhere})\\b)(?:[^.;:\\n]|\\.(?=\\w))){0,40} (?:disabled|not (?:available|enabled|supported|allowed|permitted|implemented|registered)) (?:by|with|for|on|in) (?:(?:this|the (?:selected|requested|chosen)) (?:model|deployment)\\b|(?:the )?model (?:['"\`]|\\w*\\d|\\w*[./:@-]\\w))`,
    ...unsupported,
  ].join("|"),
  "m",
)

/** What was there instead: in a refused request; a server that failed may speak of what it was itself given. */
const received =
  /\b(?:arguments?|tool (?:output|result)s?)(?: (?:for|of) \S{1,60})? (?:could not|cannot) be (?:parsed|read|decoded)\b|\bexpected (?:string|number|array|object|boolean),? (?:but )?(?:received|got|found)\b/

/** What a request points to, wherever it lies: "Failed to download image: 404". */
const linked =
  "\\bdownload(?:ing)? (?:the |an? )?(?:provided |input )?(?:images?|documents?|media|videos?|audio|multimodal|attachments?|https?:)"

const weak = new RegExp(
  [
    linked,
    "\\bmust (?:be (?:an? |in |followed|set|positive|provided|unique|non-|equal|the same|enabled|specified|present|shorter|within|valid|empty|true|false)|not|follow|have|start|end|contain|alternate|match|include|respond|precede|come|correspond|specify|use)",
    `\\b(?!bad request:)(?:unknown|unrecogni[sz]ed|unsupported|unexpected|invalid|incorrect|missing|extra|duplicate|malformed|empty|illegal|bad|required|wrong)(?: [\\w¤'"\`.-]*[\\w¤'"\`-]){0,3}? ['"\`]?${what}\\b`,
    `\\b${what}s?\\b(?: [\\w¤'"\`.\\[\\]-]+){0,4} (?:(?:is|are|was|were) )?(?:invalid|illegal|not (?:allowed|permitted|supported|valid|recognized|found)|required|missing|unsupported|unexpected|malformed|too (?:long|many|short|large)|must|should|cannot|does not(?! exist))\\b`,
    '\\b(?:should be a? ?valid|should match|cannot both be|may not be (?:enabled|used|set)|not match any of|you must provide an? \\w+ parameter|no (?:models?|messages|prompts?|inputs?|images?|files?|tools?) (?:(?:was|were|is|are) )?(?:provided|specified|given)|expected last role|please use only one|failed to generate json|jinja template|rejected the (?:request )?(?:schema|payload|body)|expected (?:an?|one|string|object|array)|unexpected (?:role|keyword|field|token `|`)|not support(?:ed)? (?:with|by) this (?:model|deployment)|does not allow|is not allowed|are not allowed|is not permitted|is restricted to(?! authori[sz]ed)|cannot be (?:empty|used|null|blank|both|modified|specified)|must not|prefill|json_?schema|response_?format|failed to (?:parse|decode|deserialize)|could not (?:parse|process) |validat(?:ion|e) (?:error|failed)|invalid (?:request|params?|argument|json|base64|signature)|bad_?request|request is not valid|out of range|(?:larger|greater|longer) than allowed|max(?:imum)? (?:number of|length of|of \\d)|requires? [`"-]{1,2}|requires? \\w+ to be)',
    "(?:参数|参數|參數).{0,12}(?:错误|有误|异常|非法|无效|不合法|缺失|不支持|为空)|(?:无效|非法|错误|缺少|缺失)的?.{0,6}参数|パラメーター?が(?:不正|無効)|请求(?:体|参数|格式)?[^时]{0,4}(?:不合法|无效|错误|有误)",
    "\\b(?:ungultige[rsn]? (?:anfrage|parameter|wert)|anfrage(?:text)? ist (?:fehlerhaft|ungultig)|(?:parametr(?:os?|es?|i)|argument(?:os?|s|i)|corpo|cuerpo|formato)(?: [^\\s.]+){0,4} (?:invalid|non? valid|incorret|incorrect|malformad)|неверн\\w+ (?:запрос|параметр))",
  ].join("|"),
  "m",
)

/** What validators and accounts both say; then it is no fault of a field. */
const aboutAccount =
  /\b(?:api[ _-]?key|credentials?|organi[sz]ation|account|projects? (?:is|are|has|have|does|was)|subscription|token (?:has|is)|access token|x-api-key|authenticat|authoriz|billing|credits?)\b/

/** A parser that choked on the server's answer, and an answer that holds none. */
const answerBroken =
  /^(?:ai_\w+: )?type validation failed: value\b|(?:^|[:)] )empty (?:response body$|(?:response|reply) from (?:the )?(?:server|api|model|provider|upstream)\b)|\b(?:invalid json response|unexpected (?:token|end|identifier)\b.{1,120}\bjson|json parse error|not valid json|expecting (?:value|property name|'.{1,3}' delimiter)\b.{0,40}: line \d+ column \d+|looking for beginning of value\b|failed to parse (?:the )?(?:response|json)|(?:invalid|incorrect|unexpected|malformed|empty(?! response)|unreadable) (?:(?:(?:api|error|gateway|server|upstream|provider|model|content|completion) )+(?:response|output)|response body)\b|(?:returned|received|got|sent)(?: an?)? (?:empty|invalid|incorrect|malformed|unexpected|incomplete|unusable|unparse?able|non-[\w-]+)(?: or \w+)? (?:\w+ )?(?:response|reply|answer|body|output|json)\b|\breturned an? (?:empty|invalid|malformed|unusable) (?:\w+ )?(?:completion|summary)\b|returned http 200 but\b|(?:stream|response) did not contain (?!errors?\b|the\b)(?:\w+ ){0,3}(?:events?|choices|candidates)\b|(?:did not (?:provide|return|produce) an?y?|(?:returned|contained|without producing) (?:any|no|(?:an )?empty)) (?:\w+ )?(?:messages?|output|response|content|choices)\b|\bno (?:(?:choices?|body|candidates?|parts) returned\b|(?:output|content|text|tokens) (?:was |were )?(?:returned|generated|produced)(?!,|[.!:]? (?!check\b)\w)|(?:choices?|body|candidates?|parts|output|content|text|tokens) in (?:the )?(?:\w+ ){0,2}(?:response|reply|answer|output)\b)|\b(?:invalid|empty|malformed|unusable) (?:response|reply|answer) (?:was|is being) (?:received|returned)\b|\b(?:response|reply|answer|output)(?: body)? (?:is|was) (?:null|empty|malformed|unreadable|unusable|incomplete)\b|^structured output (?:did not parse|could not be parsed)$|\binvalid \S+ stream event\b|\b(?:sse|stream) (?:event|frame|message|line|buffer)s? (?:is too (?:large|long|big)|(?:exceeds|exceeded)\b))|空响应|空回复|(?:响应|返回)为空|(?:respuesta vacia|resposta vazia|risposta vuota|reponse vide|leere antwort)\b|пустой ответ/

/** What the model itself wrote for a tool, or the tool for the model, not what a server sent. */
const callBroken =
  /\b(?:for|to the) tool\b|(?:\b|_)(?:tool|function)(?:'s)?(?:[ _]calls?)?[ _](?:output|response|reply|answer)s?\b/

/** Whether a text says that the answer was no JSON: a page, a proxy, half a stream. @param text normalised */
export function isBrokenAnswer(text: string): boolean {
  return answerBroken.test(text) && !callBroken.test(text)
}

/**
 * Whether a text refuses a part of the request: `strong` where a field is named or a value compared, `weak` where
 * accounts and models are spoken of in the same words.
 *
 * @param text normalised
 * @param isFailure of a server that says to have failed itself
 */
export function validationIn(text: string, isFailure = false): "strong" | "weak" | undefined {
  if (isBrokenAnswer(text)) return undefined
  if (strong.test(text) || (!isFailure && received.test(text))) return "strong"
  return weak.test(text) && !aboutAccount.test(text.split("\n", 1)[0] ?? "") ? "weak" : undefined
}

/** What a request refers to by its id, as Anthropic (file) and OpenAI (the others) call it. */
const thing = "(?<![/\\w-])(?:file|item|response|conversation|container)"
/** Where a normalised text misses something that the request refers to. */
export const missingThing = new RegExp(
  `\\bno such ${thing}\\b|${thing}s?\\b(?!(?<=^file) not found$)(?: (?:with )?(?:id )?['"\`[]?[\\w-]*['"\`\\]]?)? (?:(?:was|were|is|could) )?(?:not (?:be )?found|does not exist)\\b`,
)

/** What stands in front of a part of the request, and of what became of it. */
const aside = new RegExp(`\\barguments\\b|${linked}`)

/**
 * Whether what stands behind a text is the request itself: "Invalid schema for function 'x': 'HTTP 503: overloaded'".
 *
 * @param status that of the answer, as far as it is known
 * @param before up to a status or an object
 */
export function quotesRequest(status: number | undefined, before: string): boolean {
  const text = normalizeText(before)
  if (status === undefined)
    return (
      (/["'`]$|\binvalid value\.?$|\b(?:got|received)\b[^.]{0,40}$/.test(text) &&
        validationIn(text) === "strong") ||
      /\barguments:$/.test(text)
    )
  return refusesRequest(status) && (validationIn(text) === "strong" || aside.test(text))
}

/** Codes about the caller's own parameters. Those about keys and models are known to the tables. */
const requestCode =
  /^(?:[\w]{0,30}\.)?(?:(?:invalid|unsupported|unknown|missing|malformed|unrecognized|duplicate)(?!_?(?:union|request|error|api|token|key|cred|auth|model|grant|org|country|user|account|client|subscription|session|argument$))\w+|\w+_(?:above|below)_(?:max|min)\w*|extra_forbidden|string_too_\w+|value_error\w*|missing|json_invalid|validation_error|validationerror|parameter_\w+|schema_\w+|not_?nullable|type_error\w*|\w+_parsing)$/

export function isRequestCode(code: string): boolean {
  return requestCode.test(code)
}
