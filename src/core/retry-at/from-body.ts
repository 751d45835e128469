import { momentOfField } from "./from-field.ts"

const maxNodes = 2000
const maxDepth = 14

/** A window of which something is left says nothing of this failure. */
function isOpenWindow(fields: readonly (readonly [string, unknown])[]): boolean {
  return fields.some(([name, value]) => {
    if (typeof value !== "number") return false
    const key = name.toLowerCase().replaceAll(/[^a-z]/g, "")
    if (key === "usedpercent" || key === "utilizationpercent") return value < 100
    if (key === "utilization") return value < 1
    return key === "remaining" && value > 0
  })
}

/** The latest of the fields that say when it goes on, in a parsed body at any depth, or `undefined`. */
export function fromBody(root: object, now: number): number | undefined {
  let latest: number | undefined
  let nodesLeft = maxNodes
  const visit = (node: object, depth: number): void => {
    const fields = Object.entries(node).slice(0, 200)
    const isOpen = isOpenWindow(fields)
    for (const [name, value] of fields) {
      nodesLeft -= 1
      if (nodesLeft <= 0) return
      if (typeof value === "object" && value !== null) {
        // Headers in a body have rules of their own.
        if (depth < maxDepth && name.toLowerCase() !== "headers") visit(value, depth + 1)
      } else if (!isOpen && (typeof value === "string" || typeof value === "number")) {
        const at = momentOfField(name, value, now)
        if (at !== undefined) latest = Math.max(latest ?? 0, at)
      }
    }
  }
  visit(root, 0)
  return latest
}
