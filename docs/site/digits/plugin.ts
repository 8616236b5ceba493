/** Makes the digits of the package `mnist` a file of the site: `import url from 'virtual:digits'` is its address. */
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { loadDigits } from '../../examples/digits/data.js'
import { pack } from './pack.js'
import { sizes } from './sizes.js'

/** The digits to learn from, and after them those to be tested on, packed and compressed. */
export const digitsFile = (): Uint8Array => {
  const { train, test } = loadDigits(sizes)
  const digits = [...train, ...test]
  return gzipSync(
    pack({
      labels: Uint8Array.from(digits, ({ output }) => output.indexOf(1)),
      pixels: Uint8Array.from(digits.flatMap(({ input }) => input.map((ink) => Math.round(255 * ink)))),
    }),
    { level: 9 },
  )
}

const name = 'virtual:digits'

// A server that sees .gz says that the content is encoded, and the browser decompresses it before the page does.
const fileName = 'digits.bin'

/** The plugin for Vite. */
export const digitsPlugin = (): Plugin => {
  let serving = false
  return {
    name: 'digits',
    configResolved: ({ command }) => {
      serving = command === 'serve'
    },
    configureServer: ({ middlewares }) => {
      middlewares.use(`/${fileName}`, (_, response) => {
        response.setHeader('Content-Type', 'application/octet-stream').end(digitsFile())
      })
    },
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load(id) {
      if (id !== `\0${name}`) return null
      if (serving) return `export default '/${fileName}'`
      const file = this.emitFile({ type: 'asset', name: fileName, source: digitsFile() })
      return `export default import.meta.ROLLUP_FILE_URL_${file}`
    },
  }
}
