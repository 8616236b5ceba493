/** The pages of the guide, in the order in which they are read: that of the README. */

/** The heading above the README's list of pages. */
const heading = '## Where to read on'

/** Where a page is linked; beyond the end where it is not. */
const placeIn = (text: string, page: string): number => {
  const at = text.indexOf(`](${page})`)
  return at < 0 ? text.length : at
}

/** Pages in the order of the README's list; after them those that only the rest of the README links to. */
export const inReadingOrder = (readme: string, pages: readonly string[]): string[] => {
  const unlinked = pages.filter((page) => !readme.includes(`](${page})`))
  if (unlinked.length > 0) throw new Error(`The README does not link to ${unlinked.join(', ')}`)
  const list = readme.slice(readme.indexOf(heading)).split('\n\n').slice(0, 2).join('\n\n')
  return [...pages].sort(
    (a, b) => placeIn(list, a) - placeIn(list, b) || placeIn(readme, a) - placeIn(readme, b),
  )
}

/** A page without the breadcrumb that only repeats its title. */
export const withOneTitle = (contents: string): string =>
  contents.replace(
    /(<div class="tsd-page-title">\s*)<ul class="tsd-breadcrumb"[^>]*>\s*<li><a href="" aria-current="page">[^<]*<\/a><\/li><\/ul>/,
    '$1',
  )
