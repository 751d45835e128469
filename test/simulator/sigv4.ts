import { createHash, createHmac } from "node:crypto"

/** What the simulator accepts. */
export const awsKeys = { accessKeyId: "AKIASIMULATED", secretAccessKey: "simulated-secret" } as const

export interface SignedRequest {
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/**
 * Whether a request that says it is signed by AWS's version 4 is so, over the headers that it names.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function isWellSigned({ method, url, headers, body }: SignedRequest): boolean {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/
  const [, accessKey, scope = "", names = "", signature] = pattern.exec(headers["authorization"] ?? "") ?? []
  if (accessKey !== awsKeys.accessKeyId) return false
  const [path = "", query = ""] = url.split("?")
  const signed = names.split(";").map((name) => `${name}:${(headers[name] ?? "").trim()}\n`)
  // Every service but S3 encodes the path once more.
  const resource = path
    .split("/")
    .map((part) => encodeURIComponent(part).replaceAll(/[!'()*]/g, percent))
    .join("/")
  const canonical = [method, resource, query, signed.join(""), names, sha256(body)].join("\n")
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n")
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${awsKeys.secretAccessKey}`)
  return createHmac("sha256", key).update(text).digest("hex") === signature
}

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
