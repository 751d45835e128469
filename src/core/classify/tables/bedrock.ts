import type { Table } from "../rule.ts"

export const bedrock: Table = {
  family: "bedrock",
  providers: /bedrock|^aws|sagemaker/,
  // Service quotas are per model and region.
  scopes: { quota: "model" },
  own: [
    {
      source: "https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html",
      phrases: [{ phrases: ["too many tokens per day"], kind: "quota" }],
    },
  ],
  shared: [
    {
      source: "https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html",
      codes: [
        {
          codes: [
            "unrecognizedclientexception",
            "unrecognizedclient",
            "expiredtokenexception",
            "expiredtoken",
            "invalidsignatureexception",
            "signaturedoesnotmatch",
            "incompletesignature",
            "invalidclienttokenid",
            "missingauthenticationtoken",
            "missingauthenticationtokenexception",
            "notauthorized",
            "optinrequired",
            "credentialsprovidererror",
          ],
          strength: "proof",
          kind: "auth",
        },
        { codes: ["accessdeniedexception"], strength: "hint", kind: "auth" },
        { codes: ["throttlingexception", "toomanyrequestsexception"], strength: "hint", kind: "rate_limit" },
        { codes: ["servicequotaexceededexception"], strength: "hint", kind: "quota", scope: "model" },
        { codes: ["resourcenotfoundexception"], strength: "hint", kind: "model_not_found" },
        { codes: ["modeltimeoutexception"], strength: "hint", kind: "timeout" },
        {
          codes: [
            "serviceunavailableexception",
            "internalserverexception",
            "internalfailure",
            "modelnotreadyexception",
            "modelerrorexception",
            "modelstreamerrorexception",
          ],
          strength: "hint",
          kind: "unavailable",
        },
        { codes: ["validationexception"], strength: "vague", kind: "bad_request" },
      ],
      phrases: [
        {
          phrases: ["reached the end of its life", "marked by provider as legacy"],
          kind: "model_not_found",
        },
        { phrases: ["security token included in the request"], kind: "auth" },
      ],
    },
  ],
}
