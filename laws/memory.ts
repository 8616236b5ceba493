/** Memory: who owns it, what a call changes in it, and what it leaves behind. */
import { type Leaf, NdArray, type Params, tree } from '../src/index.js'
import { stateTree } from './follow.js'
import { read } from './kind.js'
import { isDisposed, liveTensors } from './tensor.js'
import { broken, compare, exactly, firstOf, unless, type Violation } from './violation.js'

/** The leaves of a state, or of any tree. */
export const leavesOf = (state: unknown): readonly Leaf[] =>
  tree.leaves<Leaf>(stateTree(state)).map(([, leaf]) => leaf)

/** Whether a leaf is a tensor. */
export const isTensor = (leaf: Leaf): boolean =>
  typeof leaf === 'object' && !ArrayBuffer.isView(leaf) && !(leaf instanceof NdArray)

const bufferOf = (leaf: Leaf): unknown => {
  const numbers = leaf instanceof NdArray ? leaf.data : leaf
  return ArrayBuffer.isView(numbers) ? numbers.buffer : numbers
}

/** Copies of the arguments' numbers, as they must be after the call. */
export const remembered = (trees: readonly Params[]): (() => Violation | null) => {
  const all = trees.map((each) => [each, tree.map(read)(each)] as const)
  return () =>
    firstOf(
      all.map(([now, before], i) => {
        const gone = leavesOf(now).some(isDisposed)
        return gone
          ? broken(`argument ${i}`, 'live tensors', 'a disposed one')
          : compare(`argument ${i}`, before, tree.map(read)(now), exactly, 'float64')
      }),
    )
}

/** Calls a function; every tensor that is alive afterwards and not in the result is a leak. */
export const watched = <R>(what: string, call: () => R): readonly [R, Violation | null] => {
  const before = liveTensors()
  const result = call()
  const [grown, returned] = [liveTensors() - before, new Set(leavesOf(result).filter(isTensor)).size]
  return [result, unless(grown === returned, what, `${returned} new tensors`, `${grown}`)]
}

/** No leaf of the result lives in the memory of an argument, or of another leaf of the result. */
export const apart = (what: string, result: unknown, given: readonly unknown[]): Violation | null => {
  const own = leavesOf(result)
    .filter((leaf) => typeof leaf !== 'number')
    .map(bufferOf)
  const taken = new Set(given.flatMap(leavesOf).map(bufferOf))
  return unless(
    new Set(own).size === own.length && !own.some((buffer) => taken.has(buffer)),
    what,
    'memory of its own',
    'memory that is shared',
  )
}
