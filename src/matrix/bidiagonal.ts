/**
 * Singular values of an upper bidiagonal matrix, and its singular vectors on one side, by implicit QR iteration.
 *
 * Golub and Kahan's algorithm with the shifts of Demmel and Kahan. Every choice of a sign is that of LAPACK, so that
 * the signs of the vectors, which the matrix leaves open, are those that NumPy and JAX find as well.
 */

/** Whose singular vectors: the rows' or the columns'. */
export type Side = 'left' | 'right'

/** What turns $(f, g)$ to $(r, 0)$. */
interface Rotation {
  readonly cosine: number
  readonly sine: number
  readonly r: number
}

const withSign = (x: number, sign: number): number =>
  sign < 0 || Object.is(sign, -0) ? -Math.abs(x) : Math.abs(x)

/** The rotation of $(f, g)$; its cosine is not negative. */
export const rotationOf = (f: number, g: number): Rotation => {
  if (g === 0) return { cosine: 1, sine: 0, r: f }
  if (f === 0) return { cosine: 0, sine: withSign(1, g), r: Math.abs(g) }
  const length = Math.hypot(f, g)
  const r = withSign(length, f)
  return { cosine: Math.abs(f) / length, sine: g / r, r }
}

/** The lesser singular value of $(f\ g; 0\ h)$. */
const lesserOf = (f: number, g: number, h: number): number => {
  const [a, b, c] = [Math.min(Math.abs(f), Math.abs(h)), Math.max(Math.abs(f), Math.abs(h)), Math.abs(g)]
  if (a === 0) return 0
  const [sum, difference] = [1 + a / b, (b - a) / b]
  if (c < b) return (2 * a) / (Math.hypot(sum, c / b) + Math.hypot(difference, c / b))
  const share = b / c
  if (share === 0) return (a * b) / c
  return (2 * a * share) / (Math.hypot(1, sum * share) + Math.hypot(1, difference * share))
}

/** The singular values of $(f\ g; 0\ h)$ with signs, and the rotations on either side. */
const pairOf = (
  f: number,
  g: number,
  h: number,
): { readonly greater: number; readonly lesser: number } & Readonly<
  Record<Side, readonly [number, number]>
> => {
  const swapped = Math.abs(h) > Math.abs(f)
  const [top, bottom] = swapped ? [h, f] : [f, h]
  const [a, b, c] = [Math.abs(top), Math.abs(bottom), Math.abs(g)]
  // cosines and sines on either side, as if the greater one stood on top
  let [greater, lesser] = [a, b]
  let [cl, sl, cr, sr] = [1, 0, 1, 0]
  // what the sign of the greater value is taken from
  let leading = swapped ? h : f
  let [row, column] = swapped ? ['sine', 'sine'] : ['cosine', 'cosine']
  if (c > 0 && a / c < Number.EPSILON / 2) {
    ;[greater, lesser] = [c, b > 1 ? a / (c / b) : (a / c) * b]
    ;[cl, sl, cr, sr] = [1, bottom / g, top / g, 1]
  } else if (c > 0) {
    const d = a - b
    const l = d === a ? 1 : d / a
    const m = g / top
    const t = 2 - l
    const [s, r] = [Math.sqrt(t * t + m * m), l === 0 ? Math.abs(m) : Math.sqrt(l * l + m * m)]
    const mean = (s + r) / 2
    ;[greater, lesser] = [a * mean, b / mean]
    const tangent =
      m * m === 0
        ? l === 0
          ? withSign(2, top) * withSign(1, g)
          : g / withSign(d, top) + m / t
        : (m / (s + t) + m / (r + l)) * (1 + mean)
    const length = Math.sqrt(tangent * tangent + 4)
    ;[cr, sr] = [2 / length, tangent / length]
    ;[cl, sl] = [(cr + sr * m) / mean, ((bottom / top) * sr) / mean]
  }
  const left = swapped ? ([sr, cr] as const) : ([cl, sl] as const)
  const right = swapped ? ([sl, cl] as const) : ([cr, sr] as const)
  if (c > a) {
    leading = g
    ;[row, column] = ['cosine', 'sine']
  }
  const entry = ([cosine, sine]: readonly [number, number], which: string | undefined): number =>
    which === 'cosine' ? cosine : sine
  const sign = withSign(1, entry(right, column)) * withSign(1, entry(left, row)) * withSign(1, leading)
  return {
    greater: withSign(greater, sign),
    lesser: withSign(lesser, sign * withSign(1, f) * withSign(1, h)),
    left,
    right,
  }
}

const epsilon = Number.EPSILON / 2
const tolerance = 10 * Math.max(1, Math.min(10, epsilon ** -0.125 / 10)) * epsilon

/** A block of the matrix without zeros beside its diagonal, looked at from its greater end. */
interface Block {
  readonly length: number
  /** The place of its k-th entry on the diagonal, and beside it. */
  readonly d: (k: number) => number
  readonly e: (k: number) => number
  readonly forward: boolean
}

/**
 * The singular values of the upper bidiagonal matrix with `d` on its diagonal and `e` beside it, which are overwritten:
 * `d` by the values, in no order, not negative. The result has the vectors of the wanted side, row by row.
 */
export const diagonalize = (d: Float64Array, e: Float64Array, side: Side): Float64Array => {
  const n = d.length
  const rows = new Float64Array(n * n)
  for (let i = 0; i < n; i++) rows[i * n + i] = 1
  const [at, beside] = [(i: number): number => d[i] ?? 0, (i: number): number => e[i] ?? 0]

  /** Turns row `i` towards row `j`, if these are the vectors that are wanted. */
  const turn = (of: Side, i: number, j: number, cosine: number, sine: number): void => {
    if (of !== side) return
    for (let k = 0; k < n; k++) {
      const [x, y] = [rows[i * n + k] as number, rows[j * n + k] as number]
      rows[i * n + k] = cosine * x + sine * y
      rows[j * n + k] = cosine * y - sine * x
    }
  }

  const negligible = (): number => {
    let least = Math.abs(at(0))
    let mu = least
    for (let i = 1; i < n && least > 0; i++) {
      mu = Math.abs(at(i)) * (mu / (mu + Math.abs(beside(i - 1))))
      least = Math.min(least, mu)
    }
    return Math.max((tolerance * least) / Math.sqrt(n), 6 * n * n * 2 ** -1022)
  }

  /** Drops an entry beside the diagonal that does not matter; if there is none, the least value as far as one sees. */
  const dropOne = (block: Block): number | null => {
    const end = block.length - 1
    const drop = (k: number): null => {
      e[block.e(k)] = 0
      return null
    }
    if (Math.abs(beside(block.e(end - 1))) <= tolerance * Math.abs(at(block.d(end)))) return drop(end - 1)
    let mu = Math.abs(at(block.d(0)))
    let least = mu
    for (let k = 0; k < end; k++) {
      const next = Math.abs(beside(block.e(k)))
      if (next <= tolerance * mu) return drop(k)
      mu = Math.abs(at(block.d(k + 1))) * (mu / (mu + next))
      least = Math.min(least, mu)
    }
    return least
  }

  /** One step without a shift, which keeps small values accurate. */
  const chaseUnshifted = (block: Block, inner: Side, outer: Side): void => {
    const end = block.length - 1
    let [cosine, oldCosine, oldSine] = [1, 1, 0]
    for (let k = 0; k < end; k++) {
      const [i, j] = [block.d(k), block.d(k + 1)]
      const first = rotationOf(at(i) * cosine, beside(block.e(k)))
      if (k > 0) e[block.e(k - 1)] = oldSine * first.r
      const second = rotationOf(oldCosine * first.r, at(j) * first.sine)
      d[i] = second.r
      turn(inner, i, j, first.cosine, first.sine)
      turn(outer, i, j, second.cosine, second.sine)
      cosine = first.cosine
      oldCosine = second.cosine
      oldSine = second.sine
    }
    const last = at(block.d(end)) * cosine
    d[block.d(end)] = last * oldCosine
    e[block.e(end - 1)] = last * oldSine
  }

  /** One step of QR: a bulge that is chased along the block. */
  const chase = (block: Block, shift: number, inner: Side, outer: Side): void => {
    const end = block.length - 1
    const head = at(block.d(0))
    let f = (Math.abs(head) - shift) * (withSign(1, head) + shift / head)
    let g = beside(block.e(0))
    for (let k = 0; k < end; k++) {
      const [i, j, over] = [block.d(k), block.d(k + 1), block.e(k)]
      const first = rotationOf(f, g)
      if (k > 0) e[block.e(k - 1)] = first.r
      f = first.cosine * at(i) + first.sine * beside(over)
      e[over] = first.cosine * beside(over) - first.sine * at(i)
      g = first.sine * at(j)
      d[j] = first.cosine * at(j)
      const second = rotationOf(f, g)
      d[i] = second.r
      f = second.cosine * beside(over) + second.sine * at(j)
      d[j] = second.cosine * at(j) - second.sine * beside(over)
      if (k < end - 1) {
        g = second.sine * beside(block.e(k + 1))
        e[block.e(k + 1)] = second.cosine * beside(block.e(k + 1))
      }
      turn(inner, i, j, first.cosine, first.sine)
      turn(outer, i, j, second.cosine, second.sine)
    }
    e[block.e(end - 1)] = f
  }

  const small = negligible()
  let last = n - 1
  let [before, forward]: [{ readonly first: number; readonly last: number } | null, boolean] = [null, true]
  // LAPACK's own bound; a matrix of finite numbers comes to its end long before
  for (let left = 6 * n * n; last > 0 && left > 0; left--) {
    let first = last
    let greatest = Math.abs(at(last))
    while (first > 0) {
      const over = Math.abs(beside(first - 1))
      if (over <= small) {
        e[first - 1] = 0
        break
      }
      first--
      greatest = Math.max(greatest, Math.abs(at(first)), over)
    }
    if (first === last) {
      last--
      continue
    }
    if (first === last - 1) {
      const pair = pairOf(at(first), beside(first), at(last))
      ;[d[first], e[first], d[last]] = [pair.greater, 0, pair.lesser]
      turn('right', first, last, ...pair.right)
      turn('left', first, last, ...pair.left)
      last -= 2
      continue
    }
    if (before === null || first > before.last || last < before.first)
      forward = Math.abs(at(first)) >= Math.abs(at(last))
    const [low, high, onwards] = [first, last, forward]
    const block: Block = {
      length: last - first + 1,
      d: (k) => (onwards ? low + k : high - k),
      e: (k) => (onwards ? low + k : high - 1 - k),
      forward,
    }
    const least = dropOne(block)
    if (least === null) continue
    before = { first, last }
    const end = block.length - 1
    const head = Math.abs(at(block.d(0)))
    const wanted = lesserOf(at(block.d(end - 1)), beside(block.e(end - 1)), at(block.d(end)))
    const useless =
      n * tolerance * (least / greatest) <= Math.max(epsilon, 0.01 * tolerance) ||
      (head > 0 && (wanted / head) ** 2 < epsilon)
    const [inner, outer]: readonly [Side, Side] = forward ? ['right', 'left'] : ['left', 'right']
    if (useless || wanted === 0) chaseUnshifted(block, inner, outer)
    else chase(block, wanted, inner, outer)
    if (Math.abs(beside(block.e(end - 1))) <= small) e[block.e(end - 1)] = 0
  }
  for (let i = 0; i < n; i++)
    if (at(i) < 0) {
      d[i] = -at(i)
      if (side === 'right') for (let k = 0; k < n; k++) rows[i * n + k] = -(rows[i * n + k] as number)
    }
  return rows
}
