/** Renaming of variables by rules. */

import { options } from '../../options.js'
import { Module } from '../module.js'

/**
 * How to rename: a record of texts and their replacements (in one pass), a list of patterns and replacements (one
 * after the other, every match), or a function.
 *
 * @category Variables
 */
export type RenameRules =
  | Readonly<Record<string, string>>
  | readonly (readonly [pattern: RegExp, replacement: string])[]
  | ((name: string) => string)

const substitution = (rules: RenameRules): ((name: string) => string) => {
  if (typeof rules === 'function') return rules
  if (isList(rules)) {
    const everywhere = rules.map(
      ([pattern, to]) => [new RegExp(pattern, `${pattern.flags.replace('g', '')}g`), to] as const,
    )
    return (name) => everywhere.reduce((text, [pattern, to]) => text.replace(pattern, to), name)
  }
  const texts = Object.keys(rules).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (texts.length === 0) return (name) => name
  const any = new RegExp(texts.join('|'), 'g')
  return (name) => name.replace(any, (text) => rules[text] ?? text)
}

const isList = (rules: object): rules is readonly (readonly [RegExp, string])[] => Array.isArray(rules)

/**
 * A function from name to name, for {@link VarCollection.rename}.
 *
 * @category Variables
 * @example
 * ```ts keeps-tensors
 * import * as objax from 'gradpipe/objax'
 *
 * const renamer = new objax.util.Renamer([[/\[(\d+)\]/, '.$1']], { chain: new objax.util.Renamer({ '(Linear)': '' }) })
 * const vc = new objax.nn.Sequential([new objax.nn.Linear(2, 3)]).vars().rename(renamer)
 * assert.deepEqual([...vc.keys()], ['(Sequential).0.b', '(Sequential).0.w'])
 * ```
 */
export class Renamer extends Module<[name: string], string> {
  /** @internal */
  static readonly __qualname__: string = 'objax.util.Renamer'
  readonly #rename: (name: string) => string

  /**
   * @param rules what to replace
   * @param given `chain`: another renamer, which is called with the result
   */
  constructor(rules: RenameRules, given?: { readonly chain?: (name: string) => string }) {
    super()
    const { chain } = options('Renamer', { chain: undefined }, given)
    const substitute = substitution(rules)
    this.#rename = chain === undefined ? substitute : (name) => chain(substitute(name))
  }

  override __call__(name: string): string {
    return this.#rename(name)
  }
}
