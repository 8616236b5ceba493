/**
 * Tabs, as WAI-ARIA describes them: arrow keys move between them, and the one that is shown is in the address,
 * `#name` or `#name?…`. What stands behind the question mark is the tab's own.
 */
import { html } from './dom.js'

/** A tab: `mount` fills its panel, and returns how to stop whatever runs in it. */
export interface Tab {
  readonly name: string
  readonly title: string
  readonly load: () => Promise<{ readonly mount: (root: HTMLElement) => () => void }>
}

/** The tab that an address names. */
const nameIn = (hash: string): string => hash.replace(/^#/, '').split('?')[0] ?? ''

/** Shows tabs in a list and their panels in another element. */
export const showTabs = (tabs: readonly [Tab, ...Tab[]], list: HTMLElement, panels: HTMLElement): void => {
  const entries = tabs.map((tab) => ({
    tab,
    button: html(
      'button',
      { type: 'button', role: 'tab', id: `tab-${tab.name}`, 'aria-controls': `panel-${tab.name}` },
      tab.title,
    ),
    panel: html('section', {
      role: 'tabpanel',
      id: `panel-${tab.name}`,
      'aria-labelledby': `tab-${tab.name}`,
      hidden: true,
    }),
    /** The address when the tab was last left. */
    hash: `#${tab.name}`,
  }))
  list.append(...entries.map(({ button }) => button))
  panels.append(...entries.map(({ panel }) => panel))

  let shown: (typeof entries)[number] | undefined
  let stop = (): void => {}

  const show = async (entry: (typeof entries)[number]): Promise<void> => {
    if (entry === shown) return
    stop()
    stop = () => {}
    shown = entry
    for (const { button, panel } of entries) {
      button.setAttribute('aria-selected', String(button === entry.button))
      button.tabIndex = button === entry.button ? 0 : -1
      panel.hidden = panel !== entry.panel
    }
    const { mount } = await entry.tab.load()
    // another tab may have been chosen while this one was loading
    if (shown !== entry) return
    entry.panel.replaceChildren()
    stop = mount(entry.panel)
  }

  const choose = (entry: (typeof entries)[number]): void => {
    if (shown !== undefined && shown !== entry) {
      shown.hash = location.hash
      history.pushState(null, '', entry.hash)
    }
    void show(entry)
  }

  const [first] = entries
  const addressed = (): typeof first => entries.find(({ tab }) => tab.name === nameIn(location.hash)) ?? first

  for (const [i, entry] of entries.entries()) {
    entry.button.addEventListener('click', () => choose(entry))
    entry.button.addEventListener('keydown', ({ key }) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[key]
      const next = to === undefined ? undefined : entries.at(to % entries.length)
      if (next === undefined) return
      next.button.focus()
      choose(next)
    })
  }
  const toAddressed = (): void => {
    const entry = addressed()
    if (entry !== undefined) void show(entry)
  }
  window.addEventListener('hashchange', toAddressed)
  window.addEventListener('popstate', toAddressed)
  toAddressed()
}
