/** The page of the guide that shows whole training steps: its tables stand between two comments. */
const [from, to] = ['<!-- whole steps: npm run bench -- --write -->', '<!-- end of whole steps -->']

/** The page with other tables. Throws where the comments are missing. */
export const withTables = (page: string, tables: string): string => {
  const [start, end] = [page.indexOf(from), page.indexOf(to)]
  if (start < 0 || end < start) throw new Error(`the page has no ${from} … ${to}`)
  return `${page.slice(0, start + from.length)}\n\n${tables}\n\n${page.slice(end)}`
}
