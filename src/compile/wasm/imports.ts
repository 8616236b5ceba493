/** Operators that WebAssembly lacks, and kernels import: functions of float64, as numbers have them. */
import { unary } from '../float64.js'
import type { Loop } from '../loop.js'
import type { FunctionType, ImportedFunction } from './assembler.js'

/** An operator that is imported. */
export type Imported = 'exp' | 'log' | 'tanh' | 'sin' | 'cos' | 'sigmoid' | 'erf' | 'pow'

const f64 = (count: number): FunctionType => ({
  parameters: Array.from({ length: count }, () => 'f64' as const),
  results: ['f64'],
})

/** The operators by name, with as many arguments as each has. */
const imported: Readonly<
  Record<Imported, { readonly type: FunctionType; readonly run: (x: number, y: number) => number }>
> = {
  exp: { type: f64(1), run: unary.exp },
  log: { type: f64(1), run: unary.log },
  tanh: { type: f64(1), run: unary.tanh },
  sin: { type: f64(1), run: unary.sin },
  cos: { type: f64(1), run: unary.cos },
  sigmoid: { type: f64(1), run: unary.sigmoid },
  erf: { type: f64(1), run: unary.erf },
  pow: { type: f64(2), run: Math.pow },
}

const importedNames: readonly Imported[] = ['exp', 'log', 'tanh', 'sin', 'cos', 'sigmoid', 'erf', 'pow']

/** Whether an operator is imported. */
export const isImported = (op: string): op is Imported => Object.hasOwn(imported, op)

/** The functions that a kernel's module imports from `env`. */
export const importedFunctions: Readonly<Record<string, (x: number, y: number) => number>> =
  Object.fromEntries(importedNames.map((each) => [each, imported[each].run]))

/** What a loop's terms need, in the order of the module's functions. */
export const importsOf = (loop: Loop): readonly Imported[] => {
  const used = new Set<string>()
  for (const node of loop.uses.keys())
    if (node.scope === 'element' && (node._tag === 'Unary' || node._tag === 'Binary')) used.add(node.op)
  return importedNames.filter((each) => used.has(each))
}

/** The imports' declarations. */
export const declared = (imports: readonly Imported[]): readonly ImportedFunction[] =>
  imports.map((name) => ({ name, type: imported[name].type }))
