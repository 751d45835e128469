// Gives each entry of package-lock.json its integrity, and adds the optional packages of other platforms that npm
// left out. Run it after each change of dependencies: node script/complete-lock.mjs
//
// npm writes down an optional dependency only if the registry it asks has it. A mirror that lacks the builds of
// other platforms therefore makes a lock file that `npm ci` refuses ("Missing: … from lock file"), on every
// machine. What is added here has no integrity, because nobody could be asked for it: npm fetches it only on the
// platform it names, and a run of this script against a registry that has it fills it in.
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"

const path = new URL("../package-lock.json", import.meta.url)
const systems = {
  linux: "linux",
  darwin: "darwin",
  windows: "win32",
  win32: "win32",
  freebsd: "freebsd",
  android: "android",
  openharmony: "openharmony",
}
const processors = {
  arm64: "arm64",
  aarch64: "arm64",
  x64: "x64",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  arm: "arm",
}

const read = () => JSON.parse(readFileSync(path, "utf8"))
const write = (lock) => writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)

// npm leaves an entry as it is, also one without integrity: only what is not there is asked for.
const before = read()
const isWhole = ([where, entry]) => where === "" || entry.link || entry.integrity
write({ ...before, packages: Object.fromEntries(Object.entries(before.packages).filter(isWhole)) })
execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts"], { stdio: "inherit" })

const lock = read()
const known = lock.packages
const added = {}

for (const [where, entry] of Object.entries(known))
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (known[key] || known[`${where}/${key}`]) continue
    const words = name.split(/[@/_-]/)
    const os = words.map((word) => systems[word]).find(Boolean)
    const cpu = words.map((word) => processors[word]).find(Boolean)
    if (!os || !cpu) throw new Error(`The platform of ${name} cannot be told from its name.`)
    const libc =
      os !== "linux"
        ? undefined
        : words.includes("musl")
          ? ["musl"]
          : words.includes("gnu")
            ? ["glibc"]
            : undefined
    added[key] = {
      version: range.replace(/^[~^]/, ""),
      cpu: [cpu],
      dev: entry.dev,
      ...(libc && { libc }),
      optional: true,
      os: [os],
    }
  }

lock.packages = Object.fromEntries(
  Object.entries({ ...known, ...added }).toSorted(([a], [b]) => (a < b ? -1 : 1)),
)
write(lock)
console.log(`${Object.keys(added).length} optional packages of other platforms added`)
