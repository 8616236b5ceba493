/** Orthogonal factors of matrices, as functions of a Python module: Newton–Schulz iterations by a library's own products. */
import { floatText } from '../compile/python/text.js'
import { type Orthogonal, subterms } from '../rule/expr.js'
import type { Orthogonalization, Preconditioning } from '../rule/matrices.js'
import { type Rule, updateOutputs } from '../rule/rule.js'

/** What factors are called, by how they are made. */
export type Factors = ReadonlyMap<string, { readonly name: string; readonly by: Orthogonalization }>

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
  /** What comes first: of arrays that are not whole. */
  readonly first: string
  /** What products are made within, if anything. */
  readonly precisely: string | null
}

const keyOf = (by: Orthogonalization): string => JSON.stringify(by)

/** The functions for some rules: one for each way to make a factor. */
export const factorsOf = (rules: readonly Rule[]): Factors => {
  const all = new Map<string, Orthogonalization>()
  for (const rule of new Set(rules))
    for (const node of subterms(Object.values(updateOutputs(rule)).map(({ expr }) => expr)))
      if (node._tag === 'Orthogonal') all.set(keyOf(node.by), node.by)
  const nameAt = (i: number): string => (all.size === 1 ? '_orthogonal' : `_orthogonal_${i + 1}`)
  return new Map([...all].map(([key, by], i) => [key, { name: nameAt(i), by }]))
}

/** The function that gives a factor. */
export const factorName =
  (factors: Factors) =>
  ({ by }: Orthogonal): string =>
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

const newtonSchulz = ({ transposed, first, precisely }: FactorWords): string => {
  const products = `y = first(ordered.reshape(count, m, n), eps)
for c0, c1, c2 in polynomials:
    a = y @ y.mT
    y = c0 * y + (c1 * a + c2 * (a @ a)) @ y`
  const lines = precisely === null ? products : `${precisely}\n${products.replace(/^/gm, '    ')}`
  return `def _newton_schulz(x, eps, rows, columns, first, polynomials):
    """The orthogonal factors of a leaf's matrices, nearly so.

    Their singular vectors stay, and their singular values come near 1, by an odd
    polynomial of them in each iteration: Jordan, Muon, 2024. All matrices of the leaf
    are multiplied at once, each with no more rows than columns.
    """
${first}    axes = range(x.ndim)
    rows, columns = ([axes[axis] for axis in own] for own in (rows, columns))
    m, n = (math.prod(x.shape[axis] for axis in own) for own in (rows, columns))
    if m > n:
        rows, columns, m, n = columns, rows, n, m
    kept = [axis for axis in axes if axis not in rows + columns]
    count = math.prod(x.shape[axis] for axis in kept)
    if count * m * n == 0:
        return x
    order = kept + rows + columns
    ordered = ${transposed('x', 'order')}
${lines.replace(/^/gm, '    ')}
    order = sorted(axes, key=order.__getitem__)
    return ${transposed('y.reshape(ordered.shape)', 'order')}
`
}

/** Each function once, those that others need before them. */
const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** The functions that give orthogonal factors. */
export const factorsText = (factors: Factors, words: FactorWords): readonly string[] => {
  const all = [...factors.values()]
  if (all.length === 0) return []
  const partials = all.map(({ name, by: { coefficients, preconditioning } }) => {
    const rows = coefficients.map((each) => `        (${each.map(floatText).join(', ')}),\n`).join('')
    return `${name} = functools.partial(\n    _newton_schulz,\n    first=_by_${preconditioning},\n    polynomials=(\n${rows}    ),\n)\n`
  })
  return [
    ...distinct(all.flatMap(({ by }) => preconditionings[by.preconditioning](words))),
    `${newtonSchulz(words)}\n\n${partials.join('')}`,
  ]
}
