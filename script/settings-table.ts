// Writes the table of docs/settings.md between its two markers; with --check exits 1 when it is stale.
import { readFile } from "node:fs/promises"
import { withGeneratedPart } from "./generated-part.ts"
import { settingsJsonSchema } from "./settings-json-schema.ts"
import { settingsTable } from "./settings-table-text.ts"
import { writeGenerated } from "./write-generated.ts"

const path = new URL("../docs/settings.md", import.meta.url).pathname
await writeGenerated({
  path,
  text: withGeneratedPart(await readFile(path, "utf8"), "settings", settingsTable(settingsJsonSchema())),
  isCheck: process.argv.includes("--check"),
  command: "bun script/settings-table.ts",
})
