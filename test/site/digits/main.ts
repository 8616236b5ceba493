/** A page with nothing but the tab of the digits, and a door for its tests. */
import * as tf from '@tensorflow/tfjs-core'
import { mount } from '../../../docs/site/digits/index.js'

const root = document.querySelector('main')
if (root === null) throw new Error('the page has no place for the tab')

/** What a test can ask the page for. */
export interface Door {
  readonly unmount: () => void
  readonly mount: () => void
  readonly numTensors: () => number
}

let unmount = mount(root)

const door: Door = {
  unmount: () => unmount(),
  mount: () => {
    unmount = mount(root)
  },
  numTensors: () => tf.memory().numTensors,
}
Object.assign(globalThis, { door })
