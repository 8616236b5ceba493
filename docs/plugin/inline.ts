/** The script that TypeDoc writes into every page becomes a file, so that a site's policy need not allow scripts in pages. */

/** Where the file is in the site. */
export const scriptFile = 'assets/page.js'

const inline = /<script>([^<]*)<\/script>/g

/** A page that loads the file instead, and what stood in the page. */
export const withoutInlineScript = (
  url: string,
  contents: string,
): readonly [contents: string, script: string] => {
  const src = `${'../'.repeat(url.split('/').length - 1)}${scriptFile}`
  const script = [...contents.matchAll(inline)].map(([, text = '']) => text).join('\n')
  return [contents.replace(inline, `<script src="${src}"></script>`), script]
}
