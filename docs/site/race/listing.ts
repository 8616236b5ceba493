/** The code of the race, a button that copies it, and one that opens it in an editor. */
import { html } from '../dom.js'
import type { Panel } from '../examples/panel.js'
import { codeOf } from './code.js'
import type { Shown, View } from './state.js'

/** How long the button tells of what it did, in milliseconds. */
const told = 2500

/** Copies by the clipboard, or, where that is not allowed, as a selection; says whether it did. */
const copied = async (text: string, select: () => void): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    select()
    // the only way that asks for no permission
    return document.execCommand('copy')
  }
}

export const listingView = (root: HTMLElement): View => {
  const code = html('code', {})
  const listing = html('pre', { role: 'region', 'aria-label': 'Code of this race', tabindex: 0 }, code)
  const button = html('button', { type: 'button', name: 'copy' }, 'Copy')
  const edit = html('button', { type: 'button', name: 'edit' }, 'Edit and run')
  const status = html('span', { class: 'hint', role: 'status' })
  root.append(
    html(
      'section',
      { class: 'listing' },
      html('div', { class: 'bar' }, html('h2', {}, 'This race as a program'), status, edit, button),
      listing,
    ),
  )

  let panel: Panel | undefined
  const close = (): void => {
    panel?.close()
    panel?.element.remove()
    panel = undefined
    listing.hidden = false
    edit.disabled = false
  }
  edit.addEventListener('click', async () => {
    edit.disabled = true
    const { panelOf } = await import('../examples/panel.js')
    // the race may be gone meanwhile
    if (!listing.isConnected) return
    panel = panelOf(code.textContent ?? '', () => {
      close()
      edit.focus()
    })
    listing.hidden = true
    listing.before(panel.element)
    panel.focus()
  })

  let timer = 0
  button.addEventListener('click', async () => {
    const select = (): void => getSelection()?.selectAllChildren(code)
    const done = await copied(code.textContent ?? '', select)
    if (!done) select()
    status.textContent = done ? 'Copied.' : 'Selected: copy it with the keyboard.'
    clearTimeout(timer)
    timer = window.setTimeout(() => {
      status.textContent = ''
    }, told)
  })
  const render = ({ state: { race } }: Shown): void => {
    const text = codeOf(race)
    if (code.textContent !== text) code.textContent = text
  }
  return {
    render,
    stop: () => {
      clearTimeout(timer)
      close()
    },
  }
}
