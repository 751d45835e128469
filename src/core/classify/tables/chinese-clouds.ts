import type { Table } from "../rule.ts"

export const minimax: Table = {
  family: "minimax",
  providers: /minimax/,
  own: [
    {
      source: "https://platform.minimax.io/docs/api-reference/errorcode.md",
      codes: [
        { codes: ["1000", "1013", "1024", "1033"], strength: "proof", kind: "unavailable" },
        { codes: ["1001"], strength: "proof", kind: "timeout" },
        { codes: ["1002", "1039", "1041", "2045"], strength: "proof", kind: "rate_limit" },
        { codes: ["1004", "2042", "2049"], strength: "proof", kind: "auth" },
        { codes: ["1008"], strength: "proof", kind: "billing" },
        { codes: ["1026", "1027"], strength: "proof", kind: "content_filter" },
        {
          codes: ["1042", "1043", "1044", "20132", "2037", "2039"],
          strength: "proof",
          kind: "bad_request",
        },
        // Also of a conversation that is too long.
        { codes: ["2013"], strength: "hint", kind: "bad_request" },
        { codes: ["2056"], strength: "proof", kind: "quota" },
        { codes: ["2061"], strength: "proof", kind: "model_not_found" },
      ],
    },
  ],
}

export const moonshot: Table = {
  family: "moonshot",
  providers: /moonshot|kimi/,
  shared: [
    {
      source: "https://platform.moonshot.ai/docs/api/chat#error-description",
      codes: [
        { codes: ["exceeded_current_quota_error"], strength: "hint", kind: "billing" },
        {
          codes: ["permission_denied_error"],
          strength: "hint",
          kind: "auth",
        },
        { codes: ["access_terminated_error"], strength: "hint", kind: "auth" },
        { codes: ["resource_not_found_error"], strength: "hint", kind: "model_not_found" },
      ],
    },
    {
      source: "https://www.kimi.com/code/docs/en/kimi-code/error-reference.html",
      phrases: [
        { phrases: ["only available for coding agents"], kind: "auth" },
        { phrases: ["exceeded model token limit"], kind: "context_overflow" },
      ],
    },
  ],
}

export const alibaba: Table = {
  family: "alibaba",
  providers: /alibaba|dashscope|qwen|bailian|modelstudio|aliyun/,
  own: [
    {
      source: "https://help.aliyun.com/en/model-studio/error-code-start",
      codes: [
        // Here the compatible mode's word for a used-up allocation, not for an empty wallet.
        { codes: ["insufficient_quota"], strength: "hint", kind: "quota", scope: "model" },
        // The longer code first: `InternalError.Algo.InvalidParameter` is the caller's fault.
        { codes: ["internalerror.algo.invalidparameter"], strength: "hint", kind: "bad_request" },
        { codes: ["internalerror", "systemerror"], strength: "hint", kind: "unavailable" },
      ],
    },
  ],
  shared: [
    {
      source: "https://help.aliyun.com/en/model-studio/error-code-start",
      codes: [
        { codes: ["arrearage"], strength: "proof", kind: "billing" },
        { codes: ["invalidapikey"], strength: "proof", kind: "auth" },
        { codes: ["allocationquota.freetieronly"], strength: "proof", kind: "quota" },
        {
          codes: ["datainspectionfailed", "data_inspection_failed"],
          strength: "proof",
          kind: "content_filter",
        },
        {
          codes: ["modelnotfound", "model.notfound", "modelnotexist"],
          strength: "proof",
          kind: "model_not_found",
        },
        {
          codes: ["model.accessdenied", "model_access_denied"],
          strength: "proof",
          kind: "auth",
          scope: "model",
        },
        { codes: ["limit_requests"], strength: "hint", kind: "rate_limit" },
        { codes: ["requesttimeout"], strength: "hint", kind: "timeout" },
        {
          codes: ["modelservicefailed", "modelunavailable", "modelservingerror"],
          strength: "hint",
          kind: "unavailable",
        },
        { codes: ["invalidparameter"], strength: "vague", kind: "bad_request" },
      ],
      phrases: [
        {
          phrases: ["help.aliyun.com/zh/model-studio/error-code#token-limit"],
          kind: "quota",
          scope: "model",
        },
        { phrases: ["throttled due to system capacity limits"], kind: "overloaded" },
        { phrases: ["range of input length should be"], kind: "context_overflow" },
      ],
    },
  ],
}

export const volcengine: Table = {
  family: "volcengine",
  providers: /volc|^ark|doubao|bytedance|byteplus/,
  shared: [
    {
      source: "https://www.volcengine.com/docs/82379/1299023",
      codes: [
        {
          codes: ["accountoverdueerror", "operationdenied.serviceoverdue"],
          strength: "proof",
          kind: "billing",
        },
        { codes: ["invalidsubscription"], strength: "proof", kind: "billing" },
        { codes: ["authenticationerror", "operationdenied"], strength: "hint", kind: "auth" },
        { codes: ["accessdenied"], strength: "hint", kind: "auth" },
        {
          codes: ["invalidendpointormodel", "invalidendpoint", "modelnotopen", "unsupportedmodel"],
          strength: "proof",
          kind: "model_not_found",
        },
        {
          codes: [
            "modelaccountrpmratelimitexceeded",
            "modelaccounttpmratelimitexceeded",
            "modelaccountipmratelimitexceeded",
            "inflightbatchsizeexceeded",
            "requestbursttoofast",
          ],
          strength: "hint",
          kind: "rate_limit",
        },
        {
          codes: ["accountratelimitexceeded", "apiaccountrpmratelimitexceeded"],
          strength: "hint",
          kind: "rate_limit",
          scope: "provider",
        },
        {
          codes: ["quotaexceeded", "accountquotaexceeded", "setlimitexceeded"],
          strength: "hint",
          kind: "quota",
        },
        { codes: ["serveroverloaded"], strength: "proof", kind: "overloaded" },
        { codes: ["internalserviceerror", "modelloadingerror"], strength: "hint", kind: "unavailable" },
        {
          codes: [
            "sensitivecontentdetected",
            "inputtextsensitivecontentdetected",
            "inputimagesensitivecontentdetected",
            "outputtextsensitivecontentdetected",
            "inputtextriskdetection",
            "inputimageriskdetection",
            "outputtextriskdetection",
          ],
          strength: "proof",
          kind: "content_filter",
        },
        { codes: ["missingparameter"], strength: "vague", kind: "bad_request" },
      ],
      phrases: [{ phrases: ["reached the set inference limit"], kind: "quota", scope: "model" }],
    },
  ],
}

export const huawei: Table = {
  family: "huawei",
  providers: /huawei|modelarts|pangu/,
  shared: [
    {
      source:
        "https://support.huaweicloud.com/intl/en-us/api-modelarts/modelarts_03_0095.html, https://github.com/anomalyco/opencode/issues/21465",
      codes: [
        { codes: ["modelarts.81101", "inferhub.modelarts.81101"], strength: "hint", kind: "rate_limit" },
        { codes: ["modelarts.81011"], strength: "hint", kind: "content_filter" },
        { codes: ["modelarts.81002", "modelarts.81003", "modelarts.81004"], strength: "hint", kind: "auth" },
      ],
    },
  ],
}

export const xiaomi: Table = {
  family: "xiaomi",
  providers: /xiaomi|mimo/,
  shared: [
    {
      source: "https://github.com/diegosouzapw/OmniRoute/pull/4986",
      phrases: [
        { phrases: ["high-frequency non-compliant requests"], kind: "rate_limit", scope: "provider" },
      ],
    },
  ],
}
