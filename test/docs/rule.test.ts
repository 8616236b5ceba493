/** The formulas of the reference come from the rules themselves. */
import { latex, sgd, trace } from 'gradpipe'
import * as objax from 'gradpipe/objax'
import { expect, test } from 'vitest'
import { formulaOf } from '../../docs/plugin/rule.js'

const inOneLine = (formula: string): string => formula.replaceAll('\n', ' ')

test('an expression stands for what latex prints of it', () => {
  expect(formulaOf('trace(0.9)')).toBe(inOneLine(latex(trace(0.9))))
})

test('backticks around an expression with braces are not part of it', () => {
  expect(formulaOf('`sgd(0.1, { momentum: 0.9 })`')).toBe(inOneLine(latex(sgd(0.1, { momentum: 0.9 }))))
})

test('a factory that needs no arguments may stand without its parentheses', () => {
  expect(formulaOf('scaleByAdam')).toBe(formulaOf('scaleByAdam()'))
})

test('the Objax classes have formulas too', () => {
  expect(formulaOf('objax.optimizer.Adam.transformation(1)')).toBe(
    inOneLine(latex(objax.optimizer.Adam.transformation(1))),
  )
})

test('what is not made of rules, or not exported, is refused', () => {
  expect(() => formulaOf('constantSchedule(1)')).toThrow()
  expect(() => formulaOf('noSuchRule')).toThrow(ReferenceError)
})
