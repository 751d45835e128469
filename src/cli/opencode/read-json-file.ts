import { readTextFile } from "../../config/read-text-file.ts"
import { parseJsonText } from "../../core/json-object.ts"

/** What stands in a file of JSON; `undefined` where it is not there, cannot be read or is no JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  return parseJsonText((await readTextFile(path).catch(() => undefined)) ?? "")
}
