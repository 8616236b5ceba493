/** Gives the page `virtual:modules`: where the files are that the build makes of what examples may import. */
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { modules } from './table.js'

const id = 'virtual:modules'

/** What runs before an example, in its worker. */
const host = './host/index.ts'

/** What does something when it is imported: package.json, which says what does, knows the package alone. */
const acting = /\/docs\/site\/examples\//

export const modulesPlugin = (): Plugin => {
  let served = false
  const path = (source: string): string =>
    source.startsWith('.') ? join(import.meta.dirname, source) : source
  return {
    name: 'gradpipe-example-modules',
    config: (_, { command }) => {
      served = command === 'serve'
    },
    transform: {
      filter: { id: acting },
      handler: (code) => ({ code, map: null, moduleSideEffects: true }),
    },
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    async load(source) {
      if (source !== `\0${id}`) return undefined
      const urlOf = async (name: string, of: string): Promise<string> => {
        if (served) {
          const found = await this.resolve(path(of))
          return `new URL(${JSON.stringify(`/@fs${found?.id ?? ''}`)}, location.href).href`
        }
        const reference = this.emitFile({
          type: 'chunk',
          id: path(of),
          name: name.replace(/^@?(?:tensorflow\/)?(.*?)(?:\.js)?$/, '$1').replaceAll('/', '-'),
          preserveSignature: 'strict',
        })
        return `import.meta.ROLLUP_FILE_URL_${reference}`
      }
      const entries = await Promise.all(
        Object.entries(modules).map(
          async ([name, of]) => `  ${JSON.stringify(name)}: ${await urlOf(name, of)},`,
        ),
      )
      return [
        `export const host = ${await urlOf('example-host', host)}`,
        'export const modules = {',
        ...entries,
        '}',
      ].join('\n')
    },
  }
}
