/** Operators that WebAssembly lacks, and kernels import: functions of float64, as numbers have them. */
import type { Loop } from '../loop.js'
import type { FunctionType, ImportedFunction } from './assembler.js'

/** The operators, with how many arguments each has. */
export const imported = { exp: 1, log: 1, tanh: 1, sin: 1, cos: 1, sigmoid: 1, erf: 1, pow: 2 } as const

/** An operator that is imported. */
export type Imported = keyof typeof imported

/** Whether an operator is imported. */
export const isImported = (op: string): op is Imported => Object.hasOwn(imported, op)

/** What a loop's terms need, in the order of the module's functions. */
export const importsOf = (loop: Loop): readonly Imported[] => {
  const used = new Set<string>()
  for (const node of loop.uses.keys())
    if (node.scope === 'element' && (node._tag === 'Unary' || node._tag === 'Binary')) used.add(node.op)
  return Object.keys(imported)
    .filter(isImported)
    .filter((each) => used.has(each))
}

/** The imports' declarations. */
export const declared = (imports: readonly Imported[]): readonly ImportedFunction[] =>
  imports.map((name): ImportedFunction => {
    const parameters: FunctionType['parameters'] = imported[name] === 1 ? ['f64'] : ['f64', 'f64']
    return { name, type: { parameters, results: ['f64'] } }
  })
