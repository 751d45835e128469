import type { Table } from "../rule.ts"

/** Z.ai and BigModel. HTTP statuses vary (200, 400, 429, 500); the business code decides. */
export const zhipu: Table = {
  family: "zhipu",
  providers: /zai|z\.ai|z-ai|zhipu|bigmodel|^glm/,
  // Concurrency and frequency are counted per account.
  scopes: { rate_limit: "provider" },
  own: [
    {
      source: "https://docs.bigmodel.cn/cn/api/api-code and https://docs.z.ai/api-reference/api-code",
      codes: [
        {
          codes: ["1000", "1001", "1002", "1003", "1004", "1100", "1110", "1111", "1112", "1121", "1220"],
          strength: "proof",
          kind: "auth",
        },
        { codes: ["1113"], strength: "proof", kind: "billing" },
        { codes: ["1309"], strength: "proof", kind: "billing" },
        { codes: ["1120", "1200", "1230", "1234"], strength: "proof", kind: "unavailable" },
        // 1210 also stands over "tokens in request more than max tokens allowed": the words decide first.
        { codes: ["1210", "1213", "1214", "1215"], strength: "hint", kind: "bad_request" },
        { codes: ["1211", "1212", "1221", "1222", "1311"], strength: "proof", kind: "model_not_found" },
        { codes: ["1261"], strength: "proof", kind: "context_overflow" },
        { codes: ["1300", "1301"], strength: "proof", kind: "content_filter" },
        { codes: ["1231", "1302", "1303", "1313"], strength: "proof", kind: "rate_limit" },
        { codes: ["1304", "1308", "1310", "1316", "1317"], strength: "proof", kind: "quota" },
        { codes: ["1305", "1312"], strength: "proof", kind: "overloaded" },
      ],
    },
  ],
  shared: [
    {
      source: "https://github.com/anomalyco/opencode/issues/43596 and 33029",
      phrases: [
        { phrases: ["high concurrency usage of this api"], kind: "rate_limit", scope: "provider" },
        { phrases: ["已触发流量限制"], kind: "overloaded" },
      ],
    },
  ],
}
