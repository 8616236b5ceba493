/** A transformation as a module for JAX. */
import { jaxNumpy } from '../compile/python/library.js'
import { floatText, stringText } from '../compile/python/text.js'
import type { LeafSpec } from '../rule/leaf.js'
import { plan } from '../rule/plan.js'
import { updateOutputs } from '../rule/rule.js'
import type { Asked } from './ask.js'
import { jaxFiles } from './jaxFiles.js'
import { jaxHead, jaxImports, jaxNumbers, jaxSteps } from './jaxRuntime.js'
import { atPath, record, stateText } from './layout.js'
import {
  type Dialect,
  kindsText,
  leafText,
  moduleText,
  numbersText,
  rulesText,
  stepsOf,
  totalsText,
  whichText,
} from './module.js'
import { keysOf, tablesText } from './numbers.js'
import type { About } from './print.js'
import { placesIn } from './state.js'

const jax: Dialect = { rules: jaxNumpy, numbers: jaxNumpy, total: (kind) => `_${kind}_of_all` }

/** The text of the module, for these leaves. */
export const jaxModule = (asked: Asked, specs: readonly LeafSpec[], { made, description }: About): string => {
  const { start, skeleton, kept } = asked
  const keys = keysOf(asked)
  const steps = stepsOf(asked, specs, keys, jax)
  const places = placesIn(skeleton)
  const slotKey = (place: string): string => keys.slots.get(place) ?? place
  const keptKey = (place: string): string => keys.kept.get(place) ?? place
  const readsParams = steps.each.some(({ rules }) =>
    [...plan(rules.map(updateOutputs)).leaves.values()].some((leaf) => leaf.readsParameter),
  )
  const scopes = new Map(start.slots.map(({ name, scope }) => [name, scope]))
  return moduleText('A gradient transformation for Optax, printed by gradpipe: `tx`.', made, jaxImports, [
    jaxHead,
    '# The rules: what happens to one leaf. `slots` is what is kept of it.\n',
    ...rulesText(steps),
    leafText(specs, steps),
    '# The numbers of a step.\n',
    jaxNumbers,
    tablesText(asked, keys),
    ...numbersText(steps, keys, jax),
    whichText(asked, keys),
    `START_TOTALS = ${totalsText(steps.first, '', jax)}\n${kindsText(steps, jax)}NEEDS_PARAMS = ${readsParams ? 'True' : 'False'}\n`,
    '# The state, and where in it slots and numbers stand.\n',
    `SLOTS = ${record(
      places.slots.map(([place]) => [slotKey(place), stringText(scopes.get(place) ?? 'element')]),
      '',
      76,
    )}\n`,
    `def _state(slots, kept):\n    return ${stateText(
      skeleton,
      (place) => `slots[${stringText(slotKey(place))}]`,
      (place) => `kept[${stringText(keptKey(place))}]`,
      '    ',
    )}\n`,
    `def _slots(state):\n    return ${record(
      places.slots.map(([place, path]) => [slotKey(place), atPath(path)]),
      '    ',
      76,
    )}\n`,
    `def _kept(state):\n    return ${record(
      places.kept.map(([place, path]) => [keptKey(place), atPath(path)]),
      '    ',
      76,
    )}\n`,
    `def _first_numbers():\n    return ${record(
      kept.map(({ place, first: value, whole }) => [
        keptKey(place),
        whole ? `jnp.asarray(${value}, jnp.int32)` : `jnp.asarray(${floatText(value)})`,
      ]),
      '    ',
      76,
    )}\n`,
    '# Trees and steps.\n',
    jaxSteps,
    `# Files, and what they say that they belong to.\n\n${description}`,
    jaxFiles,
  ])
}
