import { diffOf, type FileChange } from "./file-change.ts"
import type { JsonObject } from "../../core/json-object.ts"

export function changesJson(changes: readonly FileChange[], record: string | undefined): JsonObject {
  return {
    changes: changes.map((change) => ({ path: change.path, action: actionOf(change), diff: diffOf(change) })),
    isWritten: record !== undefined,
    undoRecord: record ?? null,
  }
}

function actionOf({ before, after }: FileChange): "create" | "edit" | "delete" {
  if (before === undefined) return "create"
  return after === undefined ? "delete" : "edit"
}
