/**
 * The kernel that reduces cells, as WGSL: rows, columns, matrices. A workgroup takes as many cells as there are threads for
 * each of them, so that neighbours read what lies beside each other, and writes the values themselves.
 */
import type { Reduce } from '../../rule/expr.js'
import { differs, isAxes } from '../../rule/scope.js'
import { type Cells, cellSteps } from '../axes.js'
import { flushedSquares } from '../squares.js'
import { component, indexOn, type Kernel, kernelOf, partsOf, type Shape } from './kernel.js'
import { combine, literal, normOf, type Reduction } from './reduction.js'

/** How many numbers are added one to the other before their sum is added to that of others. */
const BLOCK = 64

/** The most reductions of one kernel: each has an array in the workgroup's memory. */
export const MOST_CELLS = 4

const { power } = flushedSquares

const start = (kind: Reduce['kind']): string =>
  kind === 'norm' ? 'vec4<f32>()' : kind === 'sum' ? 'F(0.0)' : 'minus_infinity()'

const typeOf = (kind: Reduce['kind']): string => (kind === 'norm' ? 'vec4<f32>' : 'F')

const added = (kind: Reduce['kind'], sum: string, x: string): string => {
  if (kind !== 'norm') return `${sum} = ${combine(kind, sum, x)};`
  const scaled = `vec4<f32>(${x}, ${x} * ${literal(power)}, ${x} * ${literal(1 / power)}, 0.0)`
  return `{ let scaled = ${scaled}; ${sum} += scaled * scaled; }`
}

/** Whether neighbouring numbers of a cell lie beside each other, and not those of neighbouring cells. */
const isOfRows = ({ rest, within }: Cells): boolean => {
  const rank = Math.max(...[rest, within].map((extent) => (isAxes(extent) ? extent.length - 5 : 0)))
  const own = differs(rest, rank)
  return own[differs(within, rank).lastIndexOf(true)] ?? false
}

/** How many cells a workgroup of so many threads takes, and how many threads each of them has. */
export const cellsAtOnce = (threads: number): number => Math.sqrt(threads)

/** Reduces a leaf's cells to their values. */
export const cellKernel = (
  reductions: readonly Reduction[],
  cells: Cells,
  shape: Omit<Shape, 'width' | 'domain'>,
): Kernel => {
  const whole: Shape = { ...shape, width: 1, domain: cells.within }
  const many = cellsAtOnce(shape.threads)
  const [ofCell, ofNumber] = cellSteps(cells)
  const [cell, turn] = isOfRows(cells)
    ? [`lane / ${many}u`, `lane % ${many}u`]
    : [`lane % ${many}u`, `lane / ${many}u`]
  const kinds = reductions.map(({ node }) => node.kind)
  const each = (text: (kind: Reduce['kind'], i: number) => string): string => kinds.map(text).join('\n    ')
  return kernelOf(
    (leaf) => {
      const parts = partsOf(
        reductions.map(({ node }) => node.arg),
        [],
        whole,
        leaf,
      )
      const at = (step: typeof ofCell, index: string): string => indexOn(shape.places, leaf, step, index)
      const names = reductions.map(({ node }) => parts.name(node.arg))
      const body = `  ${parts.once.join('\n  ')}
  let length = record${leaf}[1].x;
  for (var first = group * ${many}u; first < count; first += groups * ${many}u) {
    let own = ${cell};
    let turn = ${turn};
    let cell = first + own;
    ${each((kind, i) => `var sum${i} = ${start(kind)};`)}
    if (cell < count) {
      let base = ${at(ofCell, 'cell')};
      for (var begin = turn; begin < length; begin += ${BLOCK * many}u) {
        ${each((kind, i) => `var block${i} = ${start(kind)};`)}
        let until = min(begin + ${BLOCK * many}u, length);
        for (var k = begin; k < until; k += ${many}u) {
          let i = base + ${at(ofNumber, 'k')};
          ${[...parts.each, ...kinds.map((kind, i) => added(kind, `block${i}`, names[i] ?? ''))].join('\n          ')}
        }
        ${each((kind, i) => `sum${i} = ${combine(kind, `sum${i}`, `block${i}`)};`)}
      }
    }
    ${each((_, i) => `gathered${i}[own * ${many}u + turn] = sum${i};`)}
    workgroupBarrier();
    if (turn == 0u && cell < count) {
      ${each((kind, i) => {
        const times = kind === 'max' ? '' : ` * f32(record${leaf}[0].w)`
        const all = `all${i}${times}`
        const place = `${component(`record${leaf}`, reductions[i]?.at ?? 0)} + cell`
        return `var all${i} = gathered${i}[own * ${many}u];
      for (var k = 1u; k < ${many}u; k += 1u) { all${i} = ${combine(kind, `all${i}`, `gathered${i}[own * ${many}u + k]`)}; }
      cells[${place}] = ${kind === 'norm' ? `norm_of(${all})` : all};`
      })}
    }
    workgroupBarrier();
  }`
      return { parts, body }
    },
    {
      ...whole,
      results: 'cells',
      declarations: [
        ...(kinds.includes('norm') ? [normOf] : []),
        ...kinds.map((kind, i) => `var<workgroup> gathered${i}: array<${typeOf(kind)}, ${shape.threads}>;`),
      ].join('\n'),
    },
  )
}
