/** Orthogonal factors and products of matrices, as functions of a Python module, by a library's own products. */
import { floatText } from '../compile/python/text.js'
import { isMatrixTerm, type MatrixTerm } from '../rule/expr.js'
import { subterms } from '../rule/fold.js'
import type { Orthogonalization, Preconditioning } from '../rule/matrices.js'
import { exprsOf, type Rule, updateOutputs } from '../rule/rule.js'

/** What makes factors is called, by how they are made; of `null` it makes products. */
export type Factors = ReadonlyMap<string, { readonly name: string; readonly by: Orthogonalization | null }>

/** What a library has its own words for. */
export interface FactorWords {
  /** How the library is called. */
  readonly np: string
  /** An array with its axes in another order. */
  readonly transposed: (x: string, order: string) => string
  /** A condition that may be of plain numbers, as a library chooses by it. */
  readonly test: (condition: string) => string
  /** `high` after so many squarings. */
  readonly squared: string
  /** What comes first, of arrays that are not whole. */
  readonly first: string
  /** What products are made within, if anything. */
  readonly precisely: string | null
}

const keyOf = (by: Orthogonalization | null): string => JSON.stringify(by)

/** The functions for some rules: one for each way to make a factor. */
export const factorsOf = (rules: readonly Rule[]): Factors => {
  const all = new Map<string, Orthogonalization | null>()
  for (const rule of new Set(rules))
    for (const node of subterms(exprsOf(updateOutputs(rule))))
      if (isMatrixTerm(node)) all.set(keyOf(node.by), node.by)
  const ofFactors = [...all].filter(([, by]) => by !== null)
  const nameOf = (key: string): string =>
    ofFactors.length === 1 ? '_orthogonal' : `_orthogonal_${1 + ofFactors.findIndex(([own]) => own === key)}`
  return new Map([...all].map(([key, by]) => [key, { name: by === null ? '_multi_dot' : nameOf(key), by }]))
}

/** The function that makes a term of matrices. */
export const makerOf =
  (factors: Factors) =>
  ({ by }: MatrixTerm): string =>
    factors.get(keyOf(by))?.name ?? ''

// texts

const inRange = ({ np, test }: FactorWords): string => `def _in_range(x, eps):
    """Matrices times powers of 2, so that their squares are numbers; and the powers.

    None becomes larger to whose norm something is added.
    """
    largest = ${np}.amax(${np}.abs(x), (1, 2), keepdims=True)
    _, exponent = ${np}.frexp(largest)
    power = ${np}.ldexp(${np}.ones_like(largest), -exponent)
    power = ${np}.where((largest > 0) & (largest < math.inf), power, 1.0)
    held = ${np}.minimum(power, ${np}.ones_like(power))
    power = ${np}.where(${test('eps > 0')}, held, power)
    return x * power, power
`

/** What matrices are divided by first. */
const preconditionings: Readonly<Record<Preconditioning, (words: FactorWords) => readonly string[]>> = {
  frobenius: () => [
    `def _by_frobenius(x, eps):
    """Matrices over their Frobenius norms."""
    return x / (_norm_along(x, (1, 2)) + eps)
`,
  ],
  spectral: (words) => [
    inRange(words),
    `def _unit(x):
    """Matrices of norm 1, but where they are zero."""
    norm = _norm_along(x, (1, 2))
    return x / ${words.np}.where(norm > 0, norm, 1.0)
`,
    `def _by_spectral(x, eps):
    """Matrices over their greatest singular values.

    These are the Rayleigh quotients of x @ x.mT with so high a power of it that they
    are off by less than a rounding. Grishina et al., Accelerating Newton-Schulz
    Iteration, 2025.
    """
    x, power = _in_range(x, eps)
    a = x @ x.mT
    squarings = round(-math.log2(${words.np}.finfo(x.dtype).eps))
${words.squared}
    quotients = ${words.np}.sum(high * (a @ high), (1, 2), keepdims=True)
    return x / (${words.np}.sqrt(quotients) + eps * power)
`,
  ],
  aol: (words) => [
    inRange(words),
    `def _by_aol(x, eps):
    """Matrices whose rows are divided by how much they have in common with all rows.

    Boissin et al., Turbo-Muon, 2025.
    """
    x, power = _in_range(x, eps)
    common = ${words.np}.sum(${words.np}.abs(x @ x.mT), 2, keepdims=True)
    return x / ${words.np}.sqrt(${words.np}.maximum(common, eps * power * power))
`,
  ],
  schatten: (words) => [
    inRange(words),
    `def _by_schatten(x, eps):
    """Matrices over their Schatten-4 norms."""
    x, power = _in_range(x, eps)
    norm = _norm_along(x @ x.mT, (1, 2))
    return x / ${words.np}.sqrt(${words.np}.maximum(norm, eps * power * power))
`,
  ],
}

/** What is made of matrices, whatever it is. */
const ofMatrices = ({ transposed, first, precisely }: FactorWords): string => {
  const made = 'y = made(*stacks)'
  return `def _of_matrices(made, arrays, rows, columns):
    """What is made of a leaf's matrices, of all at once, in the leaf's shape."""
    x = arrays[0]
${first}    axes = range(x.ndim)
    rows, columns = ([axes[axis] for axis in own] for own in (rows, columns))
    kept = [axis for axis in axes if axis not in rows + columns]
    sides = (kept, rows, columns)
    stack = [math.prod(x.shape[axis] for axis in own) for own in sides]
    if math.prod(stack) == 0:
        return x
    order = kept + rows + columns
    shape = [x.shape[axis] for axis in order]
    stacks = [${transposed('each', 'order')}.reshape(stack) for each in arrays]
${(precisely === null ? made : `${precisely}\n    ${made}`).replace(/^/gm, '    ')}
    back = sorted(axes, key=order.__getitem__)
    return ${transposed('y.reshape(shape)', 'back')}
`
}

const newtonSchulz = `def _newton_schulz(x, eps, rows, columns, first, polynomials):
    """The orthogonal factors of a leaf's matrices, nearly so.

    Their singular vectors stay, and their singular values come near 1, by an odd
    polynomial of them in each iteration: Jordan, Muon, 2024. Products are on the side
    that makes no more rows than columns.
    """

    def factors(x):
        is_turned = x.shape[1] > x.shape[2]
        y = first(x.mT if is_turned else x, eps)
        for c0, c1, c2 in polynomials:
            a = y @ y.mT
            y = c0 * y + (c1 * a + c2 * (a @ a)) @ y
        return y.mT if is_turned else y

    return _of_matrices(factors, [x], rows, columns)
`

const multiDot = `def _multi_dot(a, b, c, rows, columns):
    """The products a @ b.mT @ c of a leaf's matrices, in the cheaper order."""

    def products(a, b, c):
        is_wide = a.shape[1] <= a.shape[2]
        return (a @ b.mT) @ c if is_wide else a @ (b.mT @ c)

    return _of_matrices(products, [a, b, c], rows, columns)
`

/** Each function once, those that others need before them. */
const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** The functions that make factors and products. */
export const factorsText = (factors: Factors, words: FactorWords): readonly string[] => {
  const all = [...factors.values()]
  if (all.length === 0) return []
  const ways = all.flatMap(({ name, by }) => (by === null ? [] : [{ name, ...by }]))
  const partials = ways.map(({ name, coefficients, preconditioning }) => {
    const rows = coefficients.map((each) => `        (${each.map(floatText).join(', ')}),\n`).join('')
    return `${name} = functools.partial(\n    _newton_schulz,\n    first=_by_${preconditioning},\n    polynomials=(\n${rows}    ),\n)\n`
  })
  return [
    ofMatrices(words),
    ...distinct(ways.flatMap(({ preconditioning }) => preconditionings[preconditioning](words))),
    ...(ways.length === 0 ? [] : [`${newtonSchulz}\n\n${partials.join('')}`]),
    ...(ways.length === all.length ? [] : [multiDot]),
  ]
}
