import type { Table } from "../rule.ts"

/** Z.ai and BigModel. HTTP statuses vary (200, 400, 429, 500); the business code decides. */
export const zhipu: Table = {
  family: "zhipu",
  providers: /zai|z\.ai|z-ai|zhipu|bigmodel|^glm/,
  // Concurrency and frequency are counted per account.
  scopes: { rate_limit: "provider" },
  own: [
    // https://docs.bigmodel.cn/cn/api/api-code and https://docs.z.ai/api-reference/api-code
    {
      proof: ["1000", "1001", "1002", "1003", "1004", "1100", "1110", "1111", "1112", "1121", "1220"],
      kind: "auth",
    },
    { proof: ["1113"], kind: "billing" },
    { proof: ["1309"], kind: "billing" },
    { proof: ["1120", "1200", "1230", "1234"], kind: "unavailable" },
    // 1210 also stands over "tokens in request more than max tokens allowed": the words decide first.
    { hint: ["1210", "1213", "1214", "1215"], kind: "bad_request" },
    { proof: ["1211", "1212", "1221", "1222", "1311"], kind: "model_not_found" },
    { proof: ["1261"], kind: "context_overflow" },
    { proof: ["1300", "1301"], kind: "content_filter" },
    { proof: ["1231", "1302", "1303", "1313"], kind: "rate_limit" },
    { proof: ["1304", "1308", "1310", "1316", "1317"], kind: "quota" },
    { proof: ["1305", "1312"], kind: "overloaded" },
  ],
  shared: [
    // https://github.com/anomalyco/opencode/issues/43596 and 33029
    { phrases: ["high concurrency usage of this api"], kind: "rate_limit", scope: "provider" },
    { phrases: ["已触发流量限制"], kind: "overloaded" },
  ],
}
