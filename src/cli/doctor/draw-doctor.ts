import { counted } from "../../core/counted.ts"
import { describeOrigin } from "../../core/describe-origin.ts"
import { describeSkip } from "../../core/describe-skip.ts"
import { type Obstacle, obstacleOf } from "../../core/skip-reason.ts"
import type { ChainView, ChainModel } from "../installation/agent-chains.ts"
import { packageFacts } from "../opencode/package-facts.ts"
import { table } from "../terminal/table.ts"
import type { Canvas, Colors } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import type { Diagnosis } from "./diagnose.ts"
import type { Facts } from "./facts.ts"
import type { Finding } from "./finding.ts"

/** What `doctor` says to a person. Ends in a line feed. */
export function drawDoctor(facts: Facts, { views, findings }: Diagnosis, canvas: Canvas): string {
  const { colors, columns } = canvas
  const rows = findings.map((finding) => findingRow(finding, colors))
  return [
    `${colors.bold("Installation")}\n${installation(facts, canvas)}`,
    `${colors.bold("Lists")}\n${chains(views, facts.now, canvas)}`,
    `${colors.bold("Findings")}\n${table(rows, columns, "  ")}${summary(findings, colors)}`,
  ].join("\n")
}

function installation(facts: Facts, { colors, columns }: Canvas): string {
  const { openCode, answers, own, catalog, silence, circuits, health } = facts
  const version = answers?.version.ok ? ` ${answers.version.value}` : ""
  const models = catalog.known
    ? `${catalog.models.size} from ${counted(catalog.providers.size, "provider")} (${[...catalog.providers].join(", ")})`
    : colors.yellow(`unknown: ${silence}`)
  return table(
    [
      ["Understudy", releasesText(facts)],
      ["OpenCode", openCode === undefined ? colors.red("not found") : `${openCode}${version}`],
      ["Models", models],
      ["Settings", [...own.elsewhere, ...own.files].join(", ") || "none: the defaults are in force"],
      ["Health", health.state === "open" ? `${circuits.size} on record` : healthText[health.state]],
      ...keyRows(facts),
    ],
    columns,
    "  ",
  )
}

/** The keys of each provider that has several, by number and state. */
function keyRows({ keys: providers }: Facts): readonly (readonly string[])[] {
  return providers.map(({ provider, keys }, index) => [
    index === 0 ? "Keys" : "",
    `${provider}: ${keys.join("; ")}`,
  ])
}

function releasesText({ releases }: Facts): string {
  const command = `${packageFacts.version} (this command)`
  if (releases === undefined) return command
  const { spec, installed, newest } = releases
  const loaded = installed === undefined ? "has not installed it yet" : `loads ${installed}`
  const out =
    newest === undefined ? "" : newest.ok ? `; newest ${newest.value}` : `; newest unknown: ${newest.why}`
  return `${command}; OpenCode ${loaded} ("${spec}")${out}`
}

const healthText = {
  empty: "nothing on record yet",
  private: 'kept by each OpenCode for itself (store is "memory")',
  "needs-bun": "cannot be read by this Node; `npx opencode-understudy status` finds a Bun for it",
  unreadable: "cannot be read",
} as const

type ChainGroup = {
  readonly kind: ChainView["kind"]
  readonly names: readonly string[]
  /** Where it comes from. */
  readonly head: string
  /** Its models. */
  readonly rows: string
}

/** Agents with the same chain stand together: a global list is shown once. */
function chains(views: readonly ChainView[], now: number, canvas: Canvas): string {
  const groups = new Map<string, ChainGroup>()
  for (const view of views) {
    const drawn = chain(view, now, canvas)
    const key = JSON.stringify([view.kind, drawn])
    const names = [...(groups.get(key)?.names ?? []), canvas.colors.bold(view.name)]
    groups.set(key, { kind: view.kind, names, ...drawn })
  }
  return [...groups.values()].map((group) => groupText(group, canvas)).join("")
}

const plurals = { agent: "agents", category: "categories" } as const

function groupText({ kind, names, head, rows }: ChainGroup, { columns }: Canvas): string {
  const whose = `  ${names.length === 1 ? kind : plurals[kind]} ${names.join(", ")}  ${head}`
  return `${wrapped(whose, columns)}\n${rows}`
}

function chain(view: ChainView, now: number, { colors, columns }: Canvas): Pick<ChainGroup, "head" | "rows"> {
  const category = view.category === undefined ? "" : `, category ${view.category}`
  const origin = view.chain.origin.from === "none" ? "no list" : `from ${describeOrigin(view.chain.origin)}`
  const primary =
    view.primary === undefined
      ? [[" ", colors.dim("the model that is chosen in the session"), ""]]
      : [line(view.primary, now, colors)]
  const rows = [...primary, ...view.fallbacks.map((standing) => line(standing, now, colors, "-> "))]
  return { head: colors.dim(`${origin}${category}`), rows: table(rows, columns, "    ") }
}

function line({ entry, reason }: ChainModel, now: number, colors: Colors, arrow = ""): readonly string[] {
  const variant = entry.variant === undefined ? "" : ` (${entry.variant})`
  return [
    mark(reason, colors),
    `${arrow}${entry.model}${variant}${entry.asWritten === undefined ? "" : colors.dim(` (${entry.asWritten})`)}`,
    reason === undefined ? colors.dim("connected") : describeSkip(reason, now),
  ]
}

const passing: ReadonlySet<Obstacle> = new Set(["cooldown", "hold"])

function mark(reason: ChainModel["reason"], colors: Colors): string {
  if (reason === undefined) return colors.green("o")
  if (reason.why === "catalog-unknown") return "?"
  return passing.has(obstacleOf(reason)) ? colors.yellow("~") : colors.red("x")
}

function findingRow({ severity, where, what, advice, code }: Finding, colors: Colors): readonly string[] {
  const paint = { error: colors.red, warning: colors.yellow, info: colors.cyan }[severity]
  return [paint(severity), `${where} ${colors.dim(`[${code}]`)}\n${what}\n${colors.dim("->")} ${advice}`]
}

function summary(findings: readonly Finding[], colors: Colors): string {
  const count = (severity: Finding["severity"]): number =>
    findings.filter((finding) => finding.severity === severity).length
  const [errors, warnings] = [count("error"), count("warning")]
  if (errors + warnings === 0) return `  ${colors.green("Nothing is wrong.")}\n`
  return `  ${counted(errors, "error")}, ${counted(warnings, "warning")}.\n`
}
