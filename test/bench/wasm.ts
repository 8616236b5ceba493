/** Rows of WASM in Node: a process for each layout, so that the memory of one is free when the next begins. */
import { type Extent, expected } from './expected.js'
import type { Part } from './part.js'
import { tfjsPeers } from './peers/all.js'
import { inProcess } from './worker.js'

/** The runtime of these rows, which those of Python share. */
export const runtime = 'node, wasm'

/** Until a process has loaded its libraries and started their backends. */
const starting = 1500

/** Rows on WASM, by layout. The process is told the extent. */
export const wasm = (extent: Extent): readonly Part[] =>
  extent.layouts.map((layout) => {
    const of = { ...extent, layouts: [layout] }
    return {
      name: layout.name,
      // jax-js besides
      ms: starting + expected(of, tfjsPeers.length + 1),
      run: async (report) => {
        const results = await inProcess(new URL('./wasmMain.ts', import.meta.url), of, report)
        report.done(starting)
        return results
      },
    }
  })
