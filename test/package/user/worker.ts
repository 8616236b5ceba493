/** The user's web worker. */
import './backends.js'
import { trial } from './trial.js'

self.addEventListener('message', ({ data }: MessageEvent<string>) => {
  trial(data).then(
    (outcome) => self.postMessage(outcome),
    // thrown where nothing waits, it reaches the page
    (error) =>
      setTimeout(() => {
        throw error
      }),
  )
})
