// Writes assets/understudy.schema.json from the Zod schema; with --check exits 1 when the file is stale.
import { settingsJsonSchema } from "./settings-json-schema.ts"
import { writeGenerated } from "./write-generated.ts"

const text = `${JSON.stringify(settingsJsonSchema(), undefined, 2)}\n`
await writeGenerated({
  path: new URL("../assets/understudy.schema.json", import.meta.url).pathname,
  text,
  isCheck: process.argv.includes("--check"),
  command: "bun script/build-schema.ts",
})
