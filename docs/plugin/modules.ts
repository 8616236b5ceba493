/** The modules that a transformation travels as, folded below its formula: of each what is the transformation's own. */
import { type AnyTransformation, GradpipeError, identity, type Params } from 'gradpipe'
import { toOptax, toTorch } from 'gradpipe/export'

/** Prints a transformation as a module. */
type Printer = (tx: AnyTransformation, params: Params, options: { readonly steps: number }) => string

/** The engines, and who prints for them. */
const printers: Readonly<Record<string, Printer>> = { JAX: toOptax, PyTorch: toTorch }

/** A module without its docstring and imports, by what black keeps apart. */
const partsOf = (print: Printer, tx: AnyTransformation): readonly string[] =>
  print(tx, { w: new Float32Array(1) }, { steps: 16 })
    .trimEnd()
    .split('\n\n\n')
    .slice(1)

/** What of a module no other one has. */
const ownPart = (print: Printer, tx: AnyTransformation): string => {
  const ofAll = new Set(partsOf(print, identity()))
  return partsOf(print, tx)
    .filter((part) => !ofAll.has(part))
    .join('\n\n\n')
}

/** The modules of a transformation as Markdown; of one that cannot travel there is none. */
export const modulesOf = (tx: AnyTransformation): string =>
  Object.entries(printers)
    .map(([engine, print]) => {
      try {
        return `\n\n<details><summary>Its module for ${engine}, without what all have</summary>\n\n\`\`\`python\n${ownPart(print, tx)}\n\`\`\`\n\n</details>`
      } catch (error) {
        if (error instanceof GradpipeError) return ''
        throw error
      }
    })
    .join('')
