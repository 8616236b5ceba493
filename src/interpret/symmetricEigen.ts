/**
 * Eigenvectors of a symmetric matrix, in float64 on the host: Householder's reflections make it tridiagonal, and
 * implicit QL rotations diagonal.
 *
 * Matrices are flat arrays, row by row. About $5 n^3$ operations, whatever the numbers.
 */

/** The greatest eigenvalues, descending, and an orthonormal eigenvector of each, row by row. */
export interface Eigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** A matrix $Q T Q^T$: the diagonal and the other diagonal of $T$, and the reflections of which $Q$ is made. */
interface Tridiagonal {
  readonly diagonal: Float64Array
  /** Entry $k$ stands between $k$ and $k + 1$; the last one is 0. */
  readonly beside: Float64Array
  /** Row $k$ is the unit normal of the $k$-th reflection, from $k + 1$ on; zeros where there is none. */
  readonly normals: Float64Array
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** Makes a symmetric matrix tridiagonal; the matrix is overwritten. */
const tridiagonalize = (a: Float64Array, n: number): Tridiagonal => {
  const beside = new Float64Array(n)
  const normals = new Float64Array(n * n)
  const product = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    const row = a.subarray(k * n, (k + 1) * n)
    const normal = normals.subarray(k * n, (k + 1) * n)
    normal.set(row.subarray(k + 1), k + 1)
    const head = normal[k + 1] as number
    const length = Math.sqrt(dot(normal, normal))
    // away from the head, so that nothing cancels
    const image = head > 0 ? -length : length
    beside[k] = image
    normal[k + 1] = head - image
    const size = Math.sqrt(dot(normal, normal))
    if (size === 0) continue
    for (let i = k + 1; i < n; i++) normal[i] = (normal[i] as number) / size
    // H A H with H = 1 - 2 v vᵀ takes v wᵀ + w vᵀ off the rest, w = 2 (A v - (vᵀ A v) v)
    for (let i = k + 1; i < n; i++) product[i] = dot(a.subarray(i * n, (i + 1) * n), normal)
    let along = 0
    for (let i = k + 1; i < n; i++) along += (product[i] as number) * (normal[i] as number)
    for (let i = k + 1; i < n; i++) product[i] = 2 * ((product[i] as number) - along * (normal[i] as number))
    for (let i = k + 1; i < n; i++) {
      const [v, w] = [normal[i] as number, product[i] as number]
      for (let j = k + 1; j < n; j++) {
        const at = i * n + j
        a[at] = (a[at] as number) - v * (product[j] as number) - w * (normal[j] as number)
      }
    }
  }
  const diagonal = Float64Array.from({ length: n }, (_, k) => a[k * n + k] as number)
  return { diagonal, beside, normals }
}

/** Rows $i$ and $i + 1$ turned by the angle of this cosine and sine. */
const rotate = (rows: Float64Array, n: number, i: number, cosine: number, sine: number): void => {
  for (let at = i * n, end = at + n; at < end; at++) {
    const [x, y] = [rows[at] as number, rows[at + n] as number]
    rows[at] = cosine * x - sine * y
    rows[at + n] = sine * x + cosine * y
  }
}

/** Many more than a symmetric matrix ever needs for one eigenvalue. */
const mostSweeps = 60

/** Turns the diagonal into the eigenvalues; gives the eigenvectors of the tridiagonal matrix, row by row. */
const diagonalize = ({ diagonal: d, beside: e }: Tridiagonal, n: number): Float64Array => {
  const rows = new Float64Array(n * n)
  for (let i = 0; i < n; i++) rows[i * n + i] = 1
  let greatest = 0
  for (let i = 0; i < n; i++)
    greatest = Math.max(greatest, Math.abs(d[i] as number) + Math.abs(e[i] as number))
  const small = Number.EPSILON * greatest
  for (let first = 0; first < n; first++)
    for (let sweep = 0; sweep < mostSweeps; sweep++) {
      let last = first
      while (last < n - 1 && Math.abs(e[last] as number) > small) last++
      if (last === first) break
      // Wilkinson's shift, then a bulge that is chased from the end of the block to its beginning
      const half = ((d[first + 1] as number) - (d[first] as number)) / (2 * (e[first] as number))
      const shift = half + (half < 0 ? -Math.hypot(half, 1) : Math.hypot(half, 1))
      let bulge = (d[last] as number) - (d[first] as number) + (e[first] as number) / shift
      let [sine, cosine, moved] = [1, 1, 0]
      let i = last - 1
      for (; i >= first; i--) {
        const [f, b] = [sine * (e[i] as number), cosine * (e[i] as number)]
        const radius = Math.hypot(f, bulge)
        e[i + 1] = radius
        if (radius === 0) {
          d[i + 1] = (d[i + 1] as number) - moved
          e[last] = 0
          break
        }
        sine = f / radius
        cosine = bulge / radius
        const rest = (d[i + 1] as number) - moved
        const step = ((d[i] as number) - rest) * sine + 2 * cosine * b
        moved = sine * step
        d[i + 1] = rest + moved
        bulge = cosine * step - b
        rotate(rows, n, i, cosine, sine)
      }
      if (i >= first) continue
      d[first] = (d[first] as number) - moved
      e[first] = bulge
      e[last] = 0
    }
  return rows
}

/** The `count` greatest eigenvalues of a symmetric matrix of `n` rows, and their eigenvectors. It is overwritten. */
export const greatestEigen = (matrix: Float64Array, n: number, count: number): Eigen => {
  const form = tridiagonalize(matrix, n)
  const rows = diagonalize(form, n)
  const order = Array.from({ length: n }, (_, i) => i)
    .sort((i, j) => (form.diagonal[j] as number) - (form.diagonal[i] as number))
    .slice(0, count)
  const vectors = new Float64Array(order.length * n)
  for (const [place, i] of order.entries()) {
    const vector = vectors.subarray(place * n, (place + 1) * n)
    vector.set(rows.subarray(i * n, (i + 1) * n))
    for (let k = n - 2; k >= 0; k--) {
      const normal = form.normals.subarray(k * n, (k + 1) * n)
      const twice = 2 * dot(normal, vector)
      for (let j = k + 1; j < n; j++) vector[j] = (vector[j] as number) - twice * (normal[j] as number)
    }
  }
  return { values: Float64Array.from(order, (i) => form.diagonal[i] as number), vectors }
}
