/** What is raced on, from where, for how long, and by whom. */
import { html } from '../dom.js'
import { swatch } from '../look.js'
import { objectiveOf, objectives } from './functions.js'
import { usualRace } from './hash.js'
import { numberOf, type Optimizer, optimizers } from './optimizers.js'
import { type Race, stepsRange, usualSettings } from './race.js'
import { setFormula } from './settings.js'
import { type Change, type Shown, type View, withStart } from './state.js'

const labelled = (text: string, control: HTMLElement): HTMLElement =>
  html('label', { class: 'field' }, html('span', {}, text), control)

/** A number to type; it is taken when it is one. */
const numberField = (attributes: Readonly<Record<string, string | number>>, set: (value: number) => void) => {
  const input = html('input', { type: 'number', inputmode: 'decimal', ...attributes })
  input.addEventListener('input', () => {
    if (input.value !== '' && Number.isFinite(input.valueAsNumber)) set(input.valueAsNumber)
  })
  let known = 0
  const render = (value: number): void => {
    known = value
    // what is being typed is left alone: `1.` is not yet a number, and 12 begins with 1
    if (document.activeElement !== input && input.valueAsNumber !== value) input.value = String(value)
  }
  input.addEventListener('blur', () => {
    input.value = String(known)
  })
  return { input, render }
}

const clamped = (value: number): number => Math.min(stepsRange[1], Math.max(stepsRange[0], Math.round(value)))

const withRunner = (race: Race, optimizer: Optimizer, on: boolean): Race => {
  const others = race.runners.filter((runner) => runner.optimizer !== optimizer)
  const added = { optimizer, settings: usualSettings(race.objective, optimizer) }
  const runners = on ? [...others, added] : others
  return { ...race, runners: runners.sort((a, b) => numberOf(a.optimizer) - numberOf(b.optimizer)) }
}

/** The function, the start, and the number of steps. */
export const functionView = (
  root: HTMLElement,
  change: Change,
  begin: (race: Race) => void,
): Pick<View, 'render'> => {
  const select = html(
    'select',
    { name: 'function' },
    ...objectives.map(({ name, title }) => html('option', { value: name }, title)),
  )
  const x = numberField({ name: 'x', step: 0.1 }, (value) => withStart(change, ({ y }) => ({ x: value, y })))
  const y = numberField({ name: 'y', step: 0.1 }, (value) => withStart(change, ({ x }) => ({ x, y: value })))
  const steps = numberField({ name: 'steps', min: stepsRange[0], max: stepsRange[1], step: 10 }, (value) => {
    if (value === clamped(value))
      change((state) => {
        const atEnd = state.head >= state.race.steps
        const race = { ...state.race, steps: value }
        return { ...state, race, head: atEnd ? value : Math.min(state.head, value) }
      })
  })
  const usual = html('button', { type: 'button' }, 'Usual settings')
  const formula = html('div', { class: 'formula', role: 'region', 'aria-label': 'The function', tabindex: 0 })
  const note = html('p', { class: 'hint' })
  root.append(
    html(
      'div',
      { class: 'fields' },
      labelled('Function', select),
      labelled('Start x', x.input),
      labelled('Start y', y.input),
      labelled('Steps', steps.input),
      usual,
    ),
    html('div', { class: 'about' }, formula, note),
  )

  let shown: Shown | undefined
  let set: string | undefined
  const chosen = () => shown?.state.race.runners.map(({ optimizer }) => optimizer)
  select.addEventListener('change', () => {
    const objective = objectiveOf(select.value)
    if (objective !== undefined) begin(usualRace(objective, chosen()))
  })
  usual.addEventListener('click', () => {
    if (shown !== undefined) begin(usualRace(shown.state.race.objective, chosen()))
  })
  const render = (next: Shown): void => {
    shown = next
    const { objective, start, steps: count } = next.state.race
    x.render(start.x)
    y.render(start.y)
    steps.render(count)
    if (set === objective.name) return
    set = objective.name
    select.value = objective.name
    for (const [{ input }, [low, high]] of [
      [x, objective.domain.x],
      [y, objective.domain.y],
    ] as const) {
      input.min = String(low)
      input.max = String(high)
    }
    setFormula(formula, objective.formula)
    note.textContent = objective.note
  }
  return { render }
}

/** Who races. */
export const runnersView = (root: HTMLElement, change: Change): Pick<View, 'render'> => {
  const chips = html('fieldset', { class: 'chips' }, html('legend', {}, 'Optimizers'))
  const boxes = new Map<Optimizer, { readonly box: HTMLInputElement; readonly label: HTMLElement }>()
  const add = (optimizer: Optimizer): void => {
    const box = html('input', { type: 'checkbox', name: optimizer.name })
    box.addEventListener('change', () =>
      change((state) => ({ ...state, race: withRunner(state.race, optimizer, box.checked) })),
    )
    const label = html('label', { class: 'chip' }, box, swatch(numberOf(optimizer)), optimizer.title)
    boxes.set(optimizer, { box, label })
    chips.append(label)
  }
  for (const optimizer of optimizers) add(optimizer)
  root.append(chips)
  const render = ({ state }: Shown): void => {
    const racing = new Set(state.race.runners.map(({ optimizer }) => optimizer))
    for (const optimizer of racing) {
      if (boxes.has(optimizer)) continue
      // another address has brought another one
      for (const [old, { label }] of boxes)
        if (old.description !== undefined && boxes.delete(old)) label.remove()
      add(optimizer)
    }
    for (const [optimizer, { box }] of boxes) box.checked = racing.has(optimizer)
  }
  return { render }
}
