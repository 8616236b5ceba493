/** What runs in a page of Chromium: steps on the WebGL backend. */
import '@tensorflow/tfjs-backend-cpu'
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl'
import '@tensorflow/tfjs-backend-webgl'
import * as tf from '@tensorflow/tfjs-core'
import type { Extent } from './expected.js'
import { tfjsPeers } from './peers/all.js'
import type { Result } from './result.js'
import { run } from './run.js'

/** Measures, and what there was to say meanwhile. */
export const measure = async (
  extent: Extent,
): Promise<{ readonly results: readonly Result[]; readonly said: readonly string[] }> => {
  if (!(await tf.setBackend('webgl'))) throw new Error('no WebGL')
  // the backend of that name
  const { gl } = (tf.backend() as MathBackendWebGL).gpgpu
  const said: string[] = []
  const results = await run({
    ...extent,
    runtime: 'chromium, webgl (SwiftShader)',
    // to wait for a device takes a while, so there are many steps in a reading
    pace: { ...extent.pace, reading: 20 },
    peers: tfjsPeers.map((peer) => ({
      ...peer,
      open: (problem) => {
        const session = peer.open(problem)
        // until the device has done what it was given
        return session && { ...session, settle: async () => gl.finish() }
      },
    })),
    // a texture is no array of bytes that could be copied
    copy: () => undefined,
    report: { say: (line) => said.push(line), done: () => {} },
  })
  return { results, said }
}
