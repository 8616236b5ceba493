/** The playground's page: its tabs, each loaded when it is first shown. */
import { showTabs } from './tabs.js'

const [list, panels] = ['tabs', 'panels'].map((id) => document.getElementById(id))
if (list == null || panels == null) throw new Error('the page has no place for its tabs')
showTabs(
  [
    { name: 'race', title: 'Race', load: () => import('./race/index.js') },
    { name: 'digits', title: 'Digits', load: () => import('./digits/index.js') },
  ],
  list,
  panels,
)
