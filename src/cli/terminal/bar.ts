const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const

/**
 * A horizontal bar: `value` as a share of `most`, in eighths of a character. What is more than nothing is
 * always to be seen.
 *
 * @param width characters of the longest bar, at least 1
 */
export function bar(value: number, most: number, width: number): string {
  if (!(value > 0) || !(most > 0)) return ""
  const parts = Math.max(1, Math.round((Math.min(value, most) / most) * width * 8))
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "")
}
