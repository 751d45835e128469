import type { Table } from "../rule.ts"

export const minimax: Table = {
  family: "minimax",
  providers: /minimax/,
  own: [
    // https://platform.minimax.io/docs/api-reference/errorcode.md
    { proof: ["1013", "1024", "1033"], kind: "unavailable" },
    { vague: ["1000"], kind: "unavailable" },
    { proof: ["1001"], kind: "timeout" },
    { proof: ["1002", "1039", "1041", "2045"], kind: "rate_limit" },
    { proof: ["1004", "2042", "2049"], kind: "auth" },
    { proof: ["1008"], kind: "billing" },
    { proof: ["1026", "1027"], kind: "content_filter" },
    { proof: ["1042", "1043", "1044", "20132", "2037", "2039"], kind: "bad_request" },
    // Also of a conversation that is too long.
    { hint: ["2013"], kind: "bad_request" },
    { proof: ["2056"], kind: "quota" },
    { proof: ["2061"], kind: "model_not_found" },
  ],
}

export const moonshot: Table = {
  family: "moonshot",
  providers: /moonshot|kimi/,
  shared: [
    // https://platform.moonshot.ai/docs/api/chat#error-description
    { hint: ["exceeded_current_quota_error"], kind: "billing" },
    { hint: ["resource_not_found_error"], kind: "model_not_found" },
    // https://www.kimi.com/code/docs/en/kimi-code/error-reference.html
    { phrases: ["only available for coding agents"], kind: "auth" },
    { phrases: ["exceeded model token limit"], kind: "context_overflow" },
  ],
}

export const alibaba: Table = {
  family: "alibaba",
  providers: /alibaba|dashscope|qwen|bailian|modelstudio|aliyun/,
  own: [
    // https://help.aliyun.com/en/model-studio/error-code-start
    // Here the compatible mode's word for a used-up allocation, not for an empty wallet.
    { hint: ["insufficient_quota"], kind: "quota", scope: "model" },
    { hint: ["systemerror"], kind: "unavailable" },
  ],
  shared: [
    // https://help.aliyun.com/en/model-studio/error-code-start
    { proof: ["arrearage"], kind: "billing" },
    { proof: ["allocationquota.freetieronly"], kind: "quota" },
    { proof: ["data_inspection_failed"], kind: "content_filter" },
    { proof: ["model.notfound"], kind: "model_not_found" },
    { proof: ["model.accessdenied", "model_access_denied"], kind: "auth", scope: "model" },
    { hint: ["limit_requests"], kind: "rate_limit" },
    // By the longer code it is the caller's fault.
    { hint: ["internalerror.algo.invalidparameter"], kind: "bad_request" },
    {
      hint: ["modelservicefailed", "modelunavailable", "modelservingerror", "internalerror"],
      kind: "unavailable",
    },
    {
      phrases: ["help.aliyun.com/zh/model-studio/error-code#token-limit"],
      kind: "quota",
      scope: "model",
    },
    { phrases: ["throttled due to system capacity limits"], kind: "overloaded" },
    { phrases: ["range of input length should be"], kind: "context_overflow" },
  ],
}

export const volcengine: Table = {
  family: "volcengine",
  providers: /volc|^ark|doubao|bytedance|byteplus/,
  shared: [
    // https://www.volcengine.com/docs/82379/1299023
    { proof: ["operationdenied.serviceoverdue"], kind: "billing" },
    { proof: ["invalidendpointormodel", "invalidendpoint"], kind: "model_not_found" },
    { hint: ["inflightbatchsizeexceeded", "requestbursttoofast"], kind: "rate_limit" },
    { hint: ["setlimitexceeded"], kind: "quota" },
    { hint: ["internalserviceerror", "modelloadingerror"], kind: "unavailable" },
    { phrases: ["reached the set inference limit"], kind: "quota", scope: "model" },
  ],
}

export const huawei: Table = {
  family: "huawei",
  providers: /huawei|modelarts|pangu/,
  shared: [
    // https://support.huaweicloud.com/intl/en-us/api-modelarts/modelarts_03_0095.html, https://github.com/anomalyco/opencode/issues/21465
    { hint: ["modelarts.81101", "inferhub.modelarts.81101"], kind: "rate_limit" },
    { hint: ["modelarts.81011"], kind: "content_filter" },
    { hint: ["modelarts.81002", "modelarts.81003", "modelarts.81004"], kind: "auth" },
  ],
}

export const xiaomi: Table = {
  family: "xiaomi",
  providers: /xiaomi|mimo/,
  shared: [
    // https://github.com/diegosouzapw/OmniRoute/pull/4986
    { phrases: ["high-frequency non-compliant requests"], kind: "rate_limit", scope: "provider" },
  ],
}
