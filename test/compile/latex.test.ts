import { describe, expect, it } from 'vitest'
import { ordinary } from '../../laws/catalogue/surrounding.js'
import {
  adamw,
  type Condition,
  centralize,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  constant,
  fromRule,
  latex,
  mechanize,
  scheduleFree,
  select,
  sgd,
  type Term,
  trace,
  zeros,
} from '../../src/index.js'

const body = (text: string): readonly string[] =>
  text
    .split('\n')
    .slice(1, -1)
    .map((line) => line.replace(/ \\\\$/, ''))

describe('latex', () => {
  it('prints AdamW as the paper does', () => {
    expect(body(latex(adamw(0.1)))).toEqual([
      String.raw`\mu_t &= \beta_1 \, \mu_{t-1} + \left(1 - \beta_1\right) \, g_t`,
      String.raw`\nu_t &= \beta_2 \, \nu_{t-1} + \left(1 - \beta_2\right) \, g_t^2`,
      String.raw`u_t &= -\eta \, \left(\frac{\frac{\mu_t}{1 - \beta_1^{t}}}{\sqrt{\frac{\nu_t}{1 - \beta_2^{t}} + \bar\epsilon} + \epsilon} + \lambda \, p_{t-1}\right)`,
    ])
  })

  it('prints norms, means and bounds in their customary notation', () => {
    expect(latex(clipByGlobalNorm(1))).toContain(
      String.raw`\left\lVert g_t \right\rVert_{\mathrm{tree}} \le c`,
    )
    expect(latex(clipByBlockRms(1))).toContain(
      String.raw`\sqrt{\operatorname{mean}_{\mathrm{leaf}}\left(g_t^2\right)}`,
    )
    expect(body(latex(clip(1)))).toEqual([
      String.raw`u_t &= \min\left(\max\left(g_t, -\delta\right), \delta\right)`,
    ])
  })

  it('tells equal names of different members of a chain apart', () => {
    expect(body(latex(chain(trace(0.9), trace(0.5))))).toEqual([
      String.raw`{\mathrm{trace}}^{(0)}_t &= g_t + {\beta}^{(0)} \, {\mathrm{trace}}^{(0)}_{t-1}`,
      String.raw`{\mathrm{trace}}^{(1)}_t &= {\mathrm{trace}}^{(0)}_t + {\beta}^{(1)} \, {\mathrm{trace}}^{(1)}_{t-1}`,
      String.raw`u_t &= {\mathrm{trace}}^{(1)}_t`,
    ])
  })

  it('gives a larger subterm that is used twice a line of its own', () => {
    const rule = fromRule({
      slots: { m: zeros },
      scalars: { a: 1 },
      step: ({ g, m }, { a }) => {
        const x = g.sub(m).mul(a).exp()
        return { update: x.mul(g).add(x.mul(m)), m: g }
      },
    })
    expect(body(latex(rule))).toEqual([
      String.raw`x &= e^{\left(g_t - m_{t-1}\right) \, a}`,
      'm_t &= g_t',
      String.raw`u_t &= x \, g_t + x \, m_{t-1}`,
    ])
  })

  it('keeps parentheses where the order of operations needs them, and nested choices in one distinction', () => {
    const rule = fromRule({
      slots: {},
      scalars: { a: 1 },
      step: ({ g, p }, { a }) => {
        const x = g.sub(p.sub(a)).mul(g.neg()).pow(a.add(1))
        return {
          update: select(g.lt(0), x, select(g.ne(p), constant(-1).add(g).abs().log(), g.tanh().sign())),
        }
      },
    })
    expect(body(latex(rule))).toEqual([
      String.raw`u_t &= \begin{cases} \left(\left(g_t - \left(p_{t-1} - a\right)\right) \, \left(-g_t\right)\right)^{a + 1} & \text{if } g_t < 0 \\ \ln\left(\left|-1 + g_t\right|\right) & \text{if } g_t \ne p_{t-1} \\ \operatorname{sign}\left(\tanh\left(g_t\right)\right) & \text{otherwise} \end{cases}`,
    ])
  })

  it('prints several conditions of one choice as one', () => {
    const choice = (choose: (g: Term<'element'>) => Condition<'element'>): string =>
      body(
        latex(fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: select(choose(g), g, 0) }) })),
      )[0] ?? ''
    const cases = (then: string, test: string, otherwise: string): string =>
      `u_t &= \\begin{cases} ${then} & \\text{if } ${test} \\\\ ${otherwise} & \\text{otherwise} \\end{cases}`
    expect(choice((g) => g.lt(1).and(g.ne(0)))).toBe(
      cases('g_t', String.raw`g_t < 1 \text{ and } g_t \ne 0`, '0'),
    )
    expect(choice((g) => g.lt(1).or(g.eq(2)))).toBe(
      cases('g_t', String.raw`g_t < 1 \text{ or } g_t = 2`, '0'),
    )
    expect(choice((g) => g.lt(1).or(g.eq(2)).and(g.ne(0)))).toBe(
      cases('g_t', String.raw`\left(g_t < 1 \text{ or } g_t = 2\right) \text{ and } g_t \ne 0`, '0'),
    )
    expect(choice((g) => g.lt(1).not())).toBe(cases('0', 'g_t < 1', 'g_t'))
  })

  it('prints functions by their names', () => {
    const update = (g: Term<'element'>): Term<'element'> =>
      g.floor().add(g.round()).add(g.sin()).add(g.cos()).add(g.sigmoid()).add(g.erf())
    expect(
      body(latex(fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: update(g) }) }))),
    ).toEqual([
      String.raw`u_t &= \left\lfloor g_t \right\rfloor + \operatorname{round}\left(g_t\right) + \sin\left(g_t\right) + \cos\left(g_t\right) + \operatorname{sigmoid}\left(g_t\right) + \operatorname{erf}\left(g_t\right)`,
    ])
  })

  it('tells names that end alike by their place, and those of a list by their number', () => {
    expect(latex(scheduleFree(sgd(0.1), 0.1))).toContain(String.raw`\max\left(\mathrm{maxLr}, \eta\right)`)
    expect(latex(mechanize(sgd(0.1), { numBetas: 2 }))).toContain(
      String.raw`{m}^{(1)}_t &= \max\left(0.99 \, {m}^{(1)}_{t-1}, `,
    )
  })

  it('refuses what is not made of rules', () => {
    expect(() => latex(ordinary(centralize()))).toThrow(
      'latex: expected a transformation made of rules, given an ordinary one',
    )
  })
})
