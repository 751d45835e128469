import type { Clause } from "./mark-clauses.ts"

/** Whether a clause explains failures to nobody in particular; "you have …, which usually …" still reports one. */
export function explains({ marks }: Clause): boolean {
  const lecture = marks.get("lecture")?.[0]?.[0]
  const reader = marks.get("reader")?.[0]?.[0]
  return lecture !== undefined && (reader === undefined || lecture <= reader)
}
