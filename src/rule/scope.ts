/**
 * How far a term's value reaches: one value for the whole step, or one per tree, per leaf, per matrix of a leaf, per row
 * or column of a matrix, per element.
 *
 * - `host`: a number that the host knows before any tensor is touched (hyperparameters, the count);
 * - `tree`: one value for all leaves (a global norm);
 * - `leaf`: one value per leaf (a norm of one tensor);
 * - `matrix`: one value for each matrix that a leaf is a stack of; of a leaf that is one matrix, the leaf's;
 * - `row`, `column`: one value for each row, or each column, of every matrix;
 * - `element`: a value per element (the gradient, the parameter).
 */

/**
 * The scope of a term, from the narrowest to the widest: `host`, `tree`, `leaf`, `matrix`, then `row` and `column` side
 * by side, and `element`.
 *
 * @category Rules
 */
export type Scope = 'host' | 'tree' | 'leaf' | 'matrix' | 'row' | 'column' | 'element'

/**
 * The wider of two scopes: the scope of what is computed from both. What is computed from a row's and a column's value
 * has one for each element.
 *
 * @category Rules
 */
export type Wider<A extends Scope, B extends Scope> = 'element' extends A | B
  ? 'element'
  : 'row' extends A | B
    ? 'column' extends A | B
      ? 'element'
      : 'row'
    : 'column' extends A | B
      ? 'column'
      : 'matrix' extends A | B
        ? 'matrix'
        : 'leaf' extends A | B
          ? 'leaf'
          : 'tree' extends A | B
            ? 'tree'
            : 'host'

/**
 * A scope and all narrower ones: what a slot of that scope may hold.
 *
 * @category Rules
 */
export type UpTo<S extends Scope> = S extends 'element'
  ? Scope
  : S extends 'row' | 'column'
    ? 'host' | 'tree' | 'leaf' | 'matrix' | S
    : S extends 'matrix'
      ? 'host' | 'tree' | 'leaf' | 'matrix'
      : S extends 'leaf'
        ? 'host' | 'tree' | 'leaf'
        : S extends 'tree'
          ? 'host' | 'tree'
          : 'host'

// of a leaf

/**
 * The axes of a leaf along which a value differs, a digit for each: of `axes 011` it has one for every index of the second
 * and the third. Those of which it differs along all are an element's, of none a leaf's.
 */
export type Axes = `axes ${string}`

/** How far a value reaches, in a rule as it is written, or on a leaf whose axes are known. */
export type Extent = Scope | Axes

/** Whether an extent is one of some of a leaf's axes. */
export const isAxes = (extent: Extent): extent is Axes => extent.startsWith('axes ')

/** How many axes the leaves have that an extent is of. */
export const rankOf = (extent: Axes): number => extent.length - 'axes '.length

/** The extent of a value that differs along these axes of a leaf of so many. */
export const along = (axes: readonly number[], rank: number): Extent => {
  const digits = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? '1' : '0')).join('')
  return !digits.includes('0') ? 'element' : digits.includes('1') ? `axes ${digits}` : 'leaf'
}

const known = new Map<string, readonly boolean[]>()

/** Whether a value of an extent differs along each of a leaf's axes; of the few that there are it is written down once. */
export const differs = (extent: Extent, rank: number): readonly boolean[] => {
  const key = isAxes(extent) ? extent : `${extent === 'element'} ${rank}`
  const before = known.get(key)
  if (before !== undefined) return before
  const own = Array.from({ length: rank }, (_, axis) =>
    isAxes(extent) ? extent['axes '.length + axis] === '1' : extent === 'element',
  )
  known.set(key, own)
  return own
}

/** The shape of a value of an extent, on a leaf of a shape. */
export const shapeAlong = (extent: Extent, shape: readonly number[]): readonly number[] => {
  if (extent === 'element') return shape
  const along = differs(extent, shape.length)
  return shape.filter((_, axis) => along[axis])
}

const width: Readonly<Record<Scope, number>> = {
  host: 0,
  tree: 1,
  leaf: 2,
  matrix: 3,
  row: 4,
  column: 4,
  element: 6,
}

const isWritten = (extent: Extent): extent is Scope => !isAxes(extent)

const widthOf = (extent: Extent): number => (isWritten(extent) ? width[extent] : width.row)

const wider = (a: Extent, b: Extent): Extent => {
  if (a === b || widthOf(a) !== widthOf(b)) return widthOf(b) > widthOf(a) ? b : a
  if (!isAxes(a) || !isAxes(b)) return 'element'
  const rank = rankOf(a)
  const [left, right] = [differs(a, rank), differs(b, rank)]
  return along(
    left.flatMap((differing, axis) => (differing || right[axis] ? [axis] : [])),
    rank,
  )
}

/** The widest of some extents, which has those of all; `host` of none. */
export const widest = (extents: readonly Extent[]): Extent => extents.reduce<Extent>(wider, 'host')
