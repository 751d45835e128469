/** How a term of two words is found whose second word may have any ending. */
export function openPair(first: string, second: string): string {
  return `${first} ${second.slice(0, 3)}*`
}
