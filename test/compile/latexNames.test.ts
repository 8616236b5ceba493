/** Whatever slots, scalars and members of a chain are called, KaTeX renders the formula, without a warning. */
import {
  adam,
  chain,
  fromRule,
  type GradientTransformation,
  latex,
  namedChain,
  rprop,
  scaleByAdamax,
  trace,
  zeros,
} from 'gradpipe'
import katex from 'katex'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../../laws/index.js'

const rendered = (tx: GradientTransformation, strict: 'error' | 'ignore' = 'error'): string =>
  katex.renderToString(latex(tx), { displayMode: true, strict })

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&#x27;': "'",
  '&quot;': '"',
}

/** A rendered formula as a reader sees it. */
const read = (html: string): string =>
  [...html.matchAll(/<m(?:text|[ion])(?: [^>]*)?>(.*?)<\/m/g)]
    .map(([, text = '']) => text.replace(/&#?\w+;/g, (entity) => entities[entity] ?? entity))
    .join('')
    .replaceAll('\u00a0', ' ')
    .replaceAll('’', "'")

/** A rule with a slot and a scalar of one name each, both raised to a power. */
const named = (slot: string, scalar = 'other'): GradientTransformation =>
  fromRule({
    slots: { [slot]: zeros },
    scalars: { [scalar]: 2 },
    step: ({ g, ...old }, scalars) => {
      const [slotTerm, scalarTerm] = [old[slot], scalars[scalar]]
      if (slotTerm === undefined || scalarTerm === undefined) throw new Error('a name is lost')
      return { update: slotTerm.square().add(scalarTerm.pow(3)).mul(g), [slot]: slotTerm.pow(scalarTerm) }
    },
  })

const lower =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega'.split(
    ' ',
  )

/** The letters, as Unicode has them after one another: final sigma is no letter of its own. */
const letters = [...'αβγδϵζηθικλμνξoπρστυϕχψω']

describe('Greek names', () => {
  it.each(lower.map((name, i) => [name, letters[i] ?? '']))('%s prints as %s', (name, letter) => {
    expect(rendered(named(name))).toContain(`>${letter}<`)
    expect(rendered(named('m', name))).toContain(`>${letter}<`)
    expect(latex(named(name))).not.toContain(`{${name}}`)
  })

  it('with a capital print as the capital letter', () => {
    for (const name of lower) {
      const capital = name.replace(/^./, (first) => first.toUpperCase())
      rendered(named(capital, 'a'))
      expect(latex(named(capital, 'a'))).not.toContain(`{${capital}}`)
    }
    expect(latex(named('Omega'))).toContain('\\Omega_t')
    expect(latex(named('Alpha'))).toContain('\\mathrm{A}_t')
  })

  it('with a number have it as their index', () => {
    for (const name of ['beta1', 'beta_1']) {
      expect(latex(named('m', name))).toContain('\\beta_{1}^{3}')
      expect(latex(named(name))).toContain('{\\beta_{1}}_{t-1}')
      rendered(named(name, 'gamma_12'))
    }
  })

  it('inside of other names are left alone', () => {
    expect(latex(named('alphabet', 'betamax'))).toMatch(/\\mathrm\{alphabet\}_t.*\n.*\\mathrm\{betamax\}/)
  })
})

describe('any other name', () => {
  it.each([
    'a_b_c',
    'a-b',
    'x y',
    '100%',
    '$',
    '{',
    '}',
    'a^b',
    '~',
    '\\',
    '#1',
    'a&b',
    '_',
    "it's",
    '<b>',
    'constructor',
    '__proto',
  ])('%j is upright text', (name) => {
    expect(read(rendered(named(name, 'a')))).toContain(name)
    expect(read(rendered(named('m', name)))).toContain(name)
    rendered(namedChain([name, trace(0.9)], ['other', trace(0.9)]))
  })

  it('of another alphabet is rendered too', () => {
    for (const name of ['größe', 'шаг', '学習率', 'β', 'é']) rendered(named(name, 'a'), 'ignore')
  })

  it('prints what it is', () => {
    expect(latex(named('a_b_c'))).toContain('\\text{a\\_b\\_c}_t')
    expect(latex(namedChain(['my_clip', trace(0.9)], ['b', trace(0.9)]))).toContain('^{(\\text{my\\_clip})}')
  })
})

describe('powers', () => {
  it('of what has a superscript stand outside of braces', () => {
    for (const tx of [
      chain(adam(0.1), adam(0.2)),
      chain(scaleByAdamax(), scaleByAdamax()),
      named('etaMinus', 'etaPlus'),
      chain(rprop(0.1), rprop(0.1)),
    ])
      rendered(tx)
  })
})

it.each(catalogue.map(({ call, make }) => [call, make] as const))('%s is rendered', (_, make) => {
  const tx = make()
  if (tx.ruled !== undefined) rendered(namedChain(['first_one', tx], ['second', tx]))
})
