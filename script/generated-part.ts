/**
 * The page with a text between its markers `<!-- name:start -->` and `<!-- name:end -->`.
 *
 * @throws Error when the page does not have them, in this order
 */
export function withGeneratedPart(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`The page has no ${start} … ${end}.`)
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`
}
