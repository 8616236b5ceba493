/**
 * The script of every page of the guide and of the reference: a button below each example that opens it in an editor. The
 * editor is loaded then; a page that is only read has nothing but this.
 */
import { html } from '../dom.js'
import { textOf } from './text.js'

const blocks = [...document.querySelectorAll<HTMLElement>('pre[data-example]')]

for (const [i, block] of blocks.entries()) {
  const button = html('button', { type: 'button', class: 'example-open', name: 'edit' }, 'Edit and run')
  block.after(button)
  button.addEventListener('click', async () => {
    button.disabled = true
    try {
      const { panelOf } = await import('./panel.js')
      const panel = panelOf(textOf(blocks, i), () => {
        panel.close()
        panel.element.remove()
        block.hidden = false
        button.hidden = false
        button.focus()
      })
      button.after(panel.element)
      block.hidden = true
      button.hidden = true
      panel.focus()
    } finally {
      button.disabled = false
    }
  })
}
