/** Links in the header of every page: TypeDoc writes them as they are given, on pages in folders too. */

/** A page's contents, where links that are relative to the site are relative to the page. */
export const seenFrom = (url: string, links: readonly string[], contents: string): string =>
  links.reduce(
    (changed, link) =>
      changed.replaceAll(`href="${link}"`, `href="${'../'.repeat(url.split('/').length - 1)}${link}"`),
    contents,
  )
