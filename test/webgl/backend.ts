/** TensorFlow.js's WebGL backend in a page, and what is found there in many trials. */
import '@tensorflow/tfjs-backend-cpu'
import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl'
import * as tf from '@tensorflow/tfjs-core'
import { onFallback } from '../../src/index.js'

/** The active backend, which is that of WebGL. */
export const webgl = (): MathBackendWebGL => tf.backend() as MathBackendWebGL

const contextOf = ({ gpgpu }: MathBackendWebGL): WebGL2RenderingContext => {
  const { gl } = gpgpu
  if (gl instanceof WebGL2RenderingContext) return gl
  throw new Error('no WebGL 2')
}

/** Activates the backend, with its operations packed or not. */
export const useWebgl = async ({
  packed = true,
}: {
  readonly packed?: boolean
} = {}): Promise<WebGL2RenderingContext> => {
  tf.env().set('WEBGL_PACK_BINARY_OPERATIONS', packed)
  if (tf.getBackend() !== 'webgl') await tf.setBackend('webgl')
  return contextOf(webgl())
}

/** Activates a backend of its own, whose context claims to have these limits, while something runs. */
export const withOwnBackend = async <A>(
  limits: Readonly<Record<number, number>>,
  run: (gl: WebGL2RenderingContext) => Promise<A>,
): Promise<A> => {
  const canvas = new OffscreenCanvas(1, 1)
  // the backend takes any canvas, and its type knows those of a document
  const own = new MathBackendWebGL(canvas as unknown as HTMLCanvasElement)
  const gl = contextOf(own)
  const parameter = gl.getParameter.bind(gl)
  gl.getParameter = (name: number): unknown => limits[name] ?? parameter(name)
  tf.registerBackend('own', () => own, 1)
  await tf.setBackend('own')
  try {
    return await run(gl)
  } finally {
    await tf.setBackend('webgl')
    tf.removeBackend('own')
  }
}

/** How many textures the backend has, in use and to hand out. */
export const textures = (): number => {
  const manager = webgl().getTextureManager()
  return manager.getNumUsedTextures() + manager.getNumFreeTextures()
}

/** What came of many trials. */
export interface Tried {
  readonly tried: number
  /** What is found, per thing that was tried, where it is anything. */
  readonly found: Readonly<Record<string, readonly string[]>>
  /** Why steps were not fused. */
  readonly fallbacks: readonly string[]
  /** Tensors that are left. */
  readonly tensors: number
}

/** A thing to try, and what differs in words. */
export type Trial = readonly [name: string, differing: () => Promise<readonly string[]>]

/** Tries many things. */
export const collect = async (trials: readonly Trial[]): Promise<Tried> => {
  const found: Record<string, readonly string[]> = {}
  const reasons = new Set<string>()
  const end = onFallback(({ reason, term }) => reasons.add(`${reason} ${term}`.trim()))
  const { numTensors } = tf.memory()
  for (const [name, differing] of trials) {
    const differences = await differing().catch((error: unknown) => [
      error instanceof Error ? `${error.stack}` : String(error),
    ])
    if (differences.length > 0) found[name] = differences.slice(0, 10)
  }
  end()
  return {
    tried: trials.length,
    found,
    fallbacks: [...reasons],
    tensors: tf.memory().numTensors - numTensors,
  }
}

/** The reasons of all fallbacks while something runs. */
export const reasonsOf = async (run: () => Promise<unknown>): Promise<readonly string[]> => {
  const reasons: string[] = []
  const end = onFallback(({ interpreter, reason }) => reasons.push(`${interpreter}: ${reason}`))
  try {
    await run()
  } finally {
    end()
  }
  return reasons
}
