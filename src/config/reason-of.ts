import { ownValue } from "../core/json-object.ts"

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "part of its path is not a folder",
  ENOSPC: "the disk is full",
  EROFS: "the disk is read-only",
  EMFILE: "too many files are open",
  ENOTFOUND: "its name cannot be looked up",
  EAI_AGAIN: "its name cannot be looked up",
  ECONNREFUSED: "the connection was refused",
  ETIMEDOUT: "it did not answer in time",
  ENETUNREACH: "there is no way to its network",
  EHOSTUNREACH: "there is no way to its machine",
}

/** Why something with a file or a program failed, in words: the system's own codes say nothing to most people. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error) || "it gave no reason"
  // Node's fetch says "fetch failed" and no more; why stands in the cause.
  if (error instanceof TypeError && error.cause !== undefined) return reasonOf(error.cause)
  // Of a host with several addresses each has failed, and the whole has no words of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const code = "code" in error ? String(error.code) : ""
  return ownValue(reasons, code) ?? (error.message || code || error.name)
}
