/** What runs in a page of Chromium: steps on the WebGL backend. */
import '@tensorflow/tfjs-backend-cpu'
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl'
import '@tensorflow/tfjs-backend-webgl'
import * as tf from '@tensorflow/tfjs-core'
import type { Extent } from './expected.js'
import { tfjsPeers } from './peers/all.js'
import type { Result } from './result.js'
import { run } from './run.js'

/** Waits until the device has done what it was given: a pixel is read behind all that. `finish` does not wait. */
const settler = (gl: WebGLRenderingContext): (() => Promise<void>) => {
  const [frame, texture] = [gl.createFramebuffer(), gl.createTexture()]
  const pixel = new Uint8Array(4)
  return async () => {
    gl.bindTexture(gl.TEXTURE_2D, texture)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, null)
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame)
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel)
  }
}

/** Measures, and what there was to say meanwhile. */
export const measure = async (
  extent: Extent,
): Promise<{ readonly results: readonly Result[]; readonly said: readonly string[] }> => {
  if (!(await tf.setBackend('webgl'))) throw new Error('no WebGL')
  // the backend of that name
  const { gl } = (tf.backend() as MathBackendWebGL).gpgpu
  const settle = settler(gl)
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
        return session && { ...session, settle }
      },
    })),
    // a texture is no array of bytes that could be copied
    copy: () => undefined,
    report: { say: (line) => said.push(line), done: () => {} },
  })
  return { results, said }
}
