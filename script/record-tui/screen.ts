/** How a run of characters looks. Colours are CSS colours; `undefined` stands for the terminal's own. */
export type Style = {
  readonly foreground: string | undefined
  readonly background: string | undefined
  readonly bold: boolean
  readonly faint: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly inverse: boolean
}

/** Characters of one style in one row. */
export type Run = { readonly column: number; readonly text: string; readonly style: Style }

/** One row of the terminal, as its runs from left to right. */
export type Row = readonly Run[]

const plain: Style = {
  foreground: undefined,
  background: undefined,
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  inverse: false,
}

const sgr = new RegExp(`${String.fromCharCode(0x1b)}\\[([\\d;:]*)m`)

/** Reads what `tmux capture-pane -p -e` prints: text, line ends and SGR sequences, nothing else. */
export function readScreen(captured: string): readonly Row[] {
  let style = plain
  return captured.split("\n").map((line) => {
    const runs: Run[] = []
    let column = 0
    // Odd pieces are the parameters of an SGR sequence, even ones are text.
    for (const [index, piece] of line.split(sgr).entries()) {
      if (index % 2 === 1) style = applied(style, piece.split(/[;:]/).map(Number))
      else if (piece !== "") {
        runs.push({ column, text: piece, style })
        column += Array.from(piece).length
      }
    }
    return runs
  })
}

/** The style after one SGR sequence; what it does not know it leaves out. */
function applied(before: Style, codes: readonly number[]): Style {
  let style = before
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (code === 38 || code === 48) {
      const [color, length] = extendedColor(codes.slice(at + 1))
      style = { ...style, [code === 38 ? "foreground" : "background"]: color }
      at += length
    } else style = { ...style, ...(simple[code] ?? basicColor(code)) }
  }
  return style
}

const simple: Readonly<Record<number, Partial<Style>>> = {
  0: plain,
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  39: { foreground: undefined },
  49: { background: undefined },
}

/** The sixteen colours of xterm. */
const basic = (
  "#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5 " +
  "#7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff"
).split(" ")

function basicColor(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { foreground: basic[code - 30] }
  if (code >= 40 && code <= 47) return { background: basic[code - 40] }
  if (code >= 90 && code <= 97) return { foreground: basic[code - 82] }
  if (code >= 100 && code <= 107) return { background: basic[code - 92] }
  return {}
}

/** `5;n` or `2;r;g;b`, with the count of numbers that it took. */
function extendedColor(codes: readonly number[]): readonly [color: string | undefined, length: number] {
  const [kind, first = 0, green = 0, blue = 0] = codes
  if (kind === 5) return [indexedColor(first), 2]
  if (kind === 2) return [hex(first, green, blue), 4]
  return [undefined, 1]
}

/** xterm's palette of 256: the basic ones, a cube of 6 × 6 × 6, and 24 greys. */
function indexedColor(index: number): string | undefined {
  if (index < 16) return basic[index]
  const grey = 8 + (index - 232) * 10
  if (index >= 232) return hex(grey, grey, grey)
  const level = (value: number): number => (value === 0 ? 0 : 55 + value * 40)
  const cube = index - 16
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6))
}

function hex(...channels: readonly number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`
}
