import type { Table } from "../rule.ts"

export const bedrock: Table = {
  family: "bedrock",
  providers: /bedrock|^aws|sagemaker/,
  // Service quotas are per model and region.
  scopes: { quota: "model" },
  shared: [
    // https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
    {
      proof: [
        "unrecognizedclientexception",
        "unrecognizedclient",
        "invalidsignatureexception",
        "signaturedoesnotmatch",
        "incompletesignature",
        "optinrequired",
      ],
      kind: "auth",
    },
    { hint: ["servicequotaexceededexception"], kind: "quota", scope: "model" },
    { hint: ["resourcenotfoundexception"], kind: "model_not_found" },
    {
      hint: [
        "modelnotreadyexception",
        "serviceunavailableexception",
        "internalserverexception",
        "internalfailure",
        "modelerrorexception",
        "modelstreamerrorexception",
      ],
      kind: "unavailable",
    },
    { vague: ["validationexception"], kind: "bad_request" },
    { phrases: ["reached the end of its life", "marked by provider as legacy"], kind: "model_not_found" },
    { phrases: ["required use-case form"], kind: "auth", scope: "model" },
    { phrases: ["invalid_payment_instrument"], kind: "billing" },
    { phrases: ["security token included in the request"], kind: "auth" },
  ],
}
