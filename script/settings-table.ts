// Writes the table of docs/settings.md between its two markers; with --check exits 1 when it is stale.
import { readFile } from "node:fs/promises"
import { settingsJsonSchema } from "./settings-json-schema.ts"
import { settingsTable, withSettingsTable } from "./settings-table-text.ts"
import { writeGenerated } from "./write-generated.ts"

const path = new URL("../docs/settings.md", import.meta.url).pathname
const page = await readFile(path, "utf8").catch((error: unknown) => {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return ""
  throw error
})
const text = withSettingsTable(page, settingsTable(settingsJsonSchema()))
if (text === undefined) console.log("docs/settings.md has no settings markers: nothing to do")
else
  await writeGenerated({
    path,
    text,
    isCheck: process.argv.includes("--check"),
    command: "bun script/settings-table.ts",
  })
