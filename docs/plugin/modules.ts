/** The modules that a transformation travels as, folded below its formula: of each what is the transformation's own. */
import { type AnyTransformation, GradpipeError, identity, ndarray, type Params } from 'gradpipe'
import { toOptax, toTorch } from 'gradpipe/export'
import { catalogue } from 'gradpipe/laws'

/** Prints a transformation as a module. */
type Printer = (tx: AnyTransformation, params: Params, options: { readonly steps: number }) => string

/** The engines, and who prints for them. */
const printers: Readonly<Record<string, Printer>> = { JAX: toOptax, PyTorch: toTorch }

/** A module without its docstring and imports, by what black keeps apart. */
const partsOf = (print: Printer, tx: AnyTransformation, params: Params): readonly string[] =>
  print(tx, params, { steps: 16 }).trimEnd().split('\n\n\n').slice(1)

/** What of a module no other one has. */
const ownPart = (print: Printer, tx: AnyTransformation, params: Params): string => {
  const ofAll = new Set(partsOf(print, identity(), params))
  return partsOf(print, tx, params)
    .filter((part) => !ofAll.has(part))
    .join('\n\n\n')
}

/** The modules of a transformation as Markdown; of one that cannot travel there is none. `of` says which it is. */
export const modulesOf = (
  tx: AnyTransformation,
  of = 'Its module',
  params: Params = { w: new Float32Array(1) },
): string =>
  Object.entries(printers)
    .map(([engine, print]) => {
      try {
        const text = ownPart(print, tx, params)
        return `\n\n<details><summary>${of} for ${engine}, without what all have</summary>\n\n\`\`\`python\n${text}\n\`\`\`\n\n</details>`
      } catch (error) {
        if (error instanceof GradpipeError) return ''
        throw error
      }
    })
    .join('')

const inHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The modules of what a factory makes, for a matrix, by its first row of the catalogue that has any. */
export const modulesOfFactory = (factory: string): string => {
  for (const { name, call, make } of catalogue) {
    if (name !== factory) continue
    const of = `The module of <code>${inHtml(call)}</code>`
    const modules = modulesOf(make(), of, { w: ndarray(new Float32Array(128 * 128), [128, 128]) })
    // a row may leave matrices alone
    if (modules.includes('def rule')) return modules
  }
  return ''
}
