/** An example that is open: its editor, the buttons below it, and what it printed. */
import { html } from '../dom.js'
import { editorOf } from './editor.js'
import './example.css'
import type { Said } from './said.js'

/** An open example. */
export interface Panel {
  readonly element: HTMLElement
  readonly focus: () => void
  /** Stops what runs, and lets go of the editor. */
  readonly close: () => void
}

const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** What the example did, in words. */
const endOf = ({ milliseconds, held, printed }: Extract<Said, { kind: 'finished' }>): string => {
  const took = `in ${(milliseconds / 1000).toPrecision(2)} s`
  if (held > 0) return `Ran to its end ${took}: ${times(held, 'assertion')} held.`
  return printed > 0 ? `Ran to its end ${took}.` : `Ran to its end ${took}, and printed nothing.`
}

/** Opens an example; `onClose` is asked when its reader has done with it. */
export const panelOf = (text: string, onClose: () => void): Panel => {
  const button = (name: string, title: string): HTMLButtonElement =>
    html('button', { type: 'button', name, class: name === 'run' ? 'primary' : '' }, title)
  const [play, stopButton, reset, close] = [
    button('run', 'Run'),
    button('stop', 'Stop'),
    button('reset', 'Reset'),
    button('close', 'Close'),
  ]
  const status = html('p', { class: 'example-status', role: 'status' })
  const output = html('pre', {
    class: 'example-output',
    role: 'log',
    'aria-label': 'Output',
    tabindex: 0,
    hidden: true,
  })
  let stop = (): void => {}

  const tell = (state: 'running' | 'finished' | 'failed' | 'stopped' | 'new', words: string): void => {
    element.dataset.state = state
    status.textContent = words
    stopButton.disabled = state !== 'running'
  }
  const clear = (): void => {
    stop()
    output.replaceChildren()
    output.hidden = true
    editor.markLine(undefined)
  }
  const write = (text: string, level: string): void => {
    output.hidden = false
    output.append(html('div', { class: level }, text))
  }
  const hear = (said: Said): void => {
    if (said.kind === 'printed') write(said.text, said.level)
    else if (said.kind === 'finished') tell('finished', endOf(said))
    else {
      const { line, message } = said
      write(line === undefined ? message : `Line ${line}: ${message}`, 'error')
      editor.markLine(line)
      tell('failed', line === undefined ? 'Failed.' : `Failed in line ${line}.`)
    }
  }
  const start = async (): Promise<void> => {
    clear()
    tell('running', 'Running …')
    let cancelled = false
    stop = () => {
      cancelled = true
    }
    // what takes the types away is loaded by the first example that runs
    const { run } = await import('./run.js')
    if (!cancelled) stop = run(editor.text(), hear)
  }

  const editor = editorOf(text, 'Example in TypeScript', () => void start())
  const element = html(
    'section',
    { class: 'example', 'aria-label': 'Example to edit' },
    editor.element,
    html('div', { class: 'example-bar' }, play, stopButton, reset, close, status),
    output,
  )
  tell('new', '')
  play.addEventListener('click', () => void start())
  stopButton.addEventListener('click', () => {
    stop()
    tell('stopped', 'Stopped.')
  })
  reset.addEventListener('click', () => {
    clear()
    editor.setText(text)
    tell('new', '')
  })
  close.addEventListener('click', onClose)
  void start()
  return {
    element,
    focus: editor.focus,
    close: () => {
      stop()
      editor.destroy()
    },
  }
}
