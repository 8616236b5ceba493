/** What `toTorch` prints, and what it refuses. What its modules compute is checked by `npm run test:torch`, by hand. */
import { describe, expect, test } from 'vitest'
import { toTorch } from '../../src/export/index.js'
import {
  adamw,
  addNoise,
  chain,
  clip,
  clipByGlobalNorm,
  fromRule,
  injectHyperparams,
  lamb,
  ndarray,
  normuon,
  scale,
  scaleBySchedule,
  scaleBySm3,
  select,
  sgd,
  zeros,
} from '../../src/index.js'
import { functionIn, params } from './printed.js'
import { checksums, kept } from './torchTexts.js'

describe('a rule', () => {
  const text = toTorch(chain(clipByGlobalNorm(1.5), adamw(0.1, { weightDecay: 0.25 })), params)

  test('is a function of tensors that reads like it', () => {
    expect(functionIn(text, 'rule_totals')).toEqual(['r1 = _norm(g)', 'return {"norm0": r1}'])
    expect(functionIn(text, 'rule').slice(-6)).toEqual([
      'x5 = g * x3 * x4',
      'next_mu = b1 * mu + (1 - b1) * x5',
      'next_nu = b2 * nu + (1 - b2) * (x5 * x5)',
      'x6 = next_mu * c1 / (torch.sqrt(next_nu * c2 + eps_root) + eps)',
      'update = -learning_rate * (x6 + weight_decay * p)',
      'return update, {"mu": next_mu, "nu": next_nu}',
    ])
  })

  test('has its calls and their papers in its module’s docstring', () => {
    expect(text).toContain(
      [
        'See',
        '',
        '    Pascanu, Mikolov and Bengio, On the difficulty of training Recurrent Neural',
        '      Networks, 2012',
        '    Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019',
        '"""',
      ].join('\n'),
    )
  })

  test('has numbers that are computed in float64 before', () => {
    expect(functionIn(text, '_numbers')).toContain('c1 = 1 / (1 - b1**x1)')
  })

  test('has slots and numbers by their names, and where they stand here', () => {
    expect(text).toContain('    "mu": _Slot("element", ("1", "0", "mu")),\n')
    expect(text).toContain('KEPT = {"count": _Number(0, ("1", "0", "count"))}\n')
  })

  test('whose leaves each shard can step alone is told from one that must see them whole', () => {
    expect(text).not.toContain('whole=True')
    expect(toTorch(lamb(0.1), params)).toContain('whole=True')
  })

  test('bounds tensors by numbers, never numbers by tensors', () => {
    expect(functionIn(toTorch(clip(1.5), params), 'rule')).toContain(
      'update = torch.clamp(torch.clamp(g, min=-max_delta), max=max_delta)',
    )
  })

  test('chooses between plain numbers in the leaf’s precision', () => {
    const tx = fromRule({
      slots: {},
      scalars: { up: 1.2, down: 0.5 },
      step: ({ g }, { up, down }) => ({ update: select(g.lt(0), up, down) }),
    })
    expect(functionIn(toTorch(tx, params), 'rule')).toContain(
      'update = torch.where(g < 0, _like(g, up), down)',
    )
  })
})

test('rules of rows, columns and matrices see them whole', () => {
  const leaves = { kernel: ndarray(new Float32Array(6), [2, 3]), bias: new Float32Array(3) }
  const text = toTorch(normuon(0.1), leaves)
  expect(text.match(/whole=True/g)).toHaveLength(1)
  const [own] = /^def rule_\d(?=\((?:(?!\ndef ).)*_orthogonal)/ms.exec(text) ?? []
  const lines = functionIn(text, own?.slice('def '.length) ?? '')
  expect(lines).toContain('nu = slots["nu"].unsqueeze(0)')
  expect(lines).toContain('r1 = _sum_along(factor_2 * factor_2, 0)')
  expect(lines).toContain('return update, {"mu": next_mu, "nu": _along((1,), next_nu, g)}')
  expect(toTorch(scaleBySm3(), leaves)).toContain('    "mu_1": _Slot("row", ("mu",), after=("1",)),\n')
})

test('names in the group of parameters are no two the same', () => {
  const tx = fromRule({
    slots: { params: zeros },
    scalars: {},
    step: ({ g, params: old }) => ({ update: g, params: old.add(g) }),
  })
  const injected = injectHyperparams((h: { readonly params: number }) => chain(tx, sgd(h.params)))({
    params: 1,
  })
  const text = toTorch(injected, params)
  expect(text).toContain('"params_2": _Slot(')
  expect(text).toContain('"params_3": _Number(')
})

test('a schedule of one’s own is a table for as many steps as are asked for', () => {
  const half = (count: number): number => 0.5 ** count
  expect(toTorch(scaleBySchedule(half), params, { steps: 4 })).toContain(
    'STEP_SIZE_TABLE = np.array([1.0, 0.5, 0.25, 0.125])',
  )
  expect(() => toTorch(scaleBySchedule(half), params)).toThrow('toTorch.options.steps: expected for how many')
})

test('what cannot travel is refused, with its place', () => {
  expect(() => toTorch(chain(scale(1), addNoise(0.1, 0.5)), params)).toThrow(
    'toTorch.tx.1: expected a transformation made of rules',
  )
  const given: object = { step: 1 }
  expect(() => toTorch(sgd(1), params, given)).toThrow('toTorch.step')
})

test('what is printed of the catalogue is what was run on PyTorch', () => {
  const [now, run] = [checksums(), kept().texts]
  const changed = [...new Set([...Object.keys(now), ...Object.keys(run)])].filter(
    (call) => now[call] !== run[call],
  )
  expect(
    changed.slice(0, 5),
    `${changed.length} texts are others than those that were run: npm run test:torch runs them, and keeps what it finds in test/export/torch.json`,
  ).toEqual([])
  expect(Object.keys(now).length).toBeGreaterThan(250)
})
