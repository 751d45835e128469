import { quantile } from "./statistics.ts"

export function number(value: number, digits = 1): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** What was measured, its value, and what stands beside it. */
export function printRow(what: string, value: string, beside = ""): void {
  console.log(`  ${what.padEnd(58)}${value.padStart(16)}${beside === "" ? "" : `   ${beside}`}`)
}

export function spread(values: readonly number[], digits = 0): string {
  return `quartiles ${number(quantile(values, 0.25), digits)} to ${number(quantile(values, 0.75), digits)}`
}
