const everyControl = /\p{Cc}/gu

/**
 * Control characters spelled out (`\u009b`), so that no name speaks to a terminal. JSON leaves DEL and C1 as they are.
 *
 * @param controls which of them; all by default
 */
export function withoutControls(text: string, controls = everyControl): string {
  return text.replaceAll(controls, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
