/** Rows of TensorFlow.js's cpu backend, which is what Node gets: a process for each layout, as on WASM. */
import { type Extent, expected } from './expected.js'
import type { Part } from './part.js'
import { cpuPeers } from './peers/all.js'
import { inProcess } from './worker.js'

/** The runtime of these rows. */
export const runtime = 'node, cpu'

/** Until a process has loaded its libraries. */
const starting = 1000

/** Rows on the cpu backend, by layout. The process is told the extent. */
export const cpu = (extent: Extent): readonly Part[] =>
  extent.layouts.map((layout) => {
    const of = { ...extent, layouts: [layout] }
    return {
      name: `${layout.name} on cpu`,
      ms: starting + expected(of, cpuPeers.length),
      run: async (report) => {
        const results = await inProcess(new URL('./cpuMain.ts', import.meta.url), of, report)
        report.done(starting)
        return results
      },
    }
  })
