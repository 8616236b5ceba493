/** TensorFlow.js's WebGL backend in a page, and what is found there in many trials. */
import '@tensorflow/tfjs'
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

/** Puts another backend of that name in the place of the one there is, which gives up its memory. */
const replace = async (make: () => MathBackendWebGL): Promise<void> => {
  tf.removeBackend('webgl')
  tf.registerBackend('webgl', make, 2)
  await tf.setBackend('webgl')
}

/**
 * Activates a backend of its own while something runs, on a context of this version of WebGL that claims to have these
 * limits. No tensor may be alive.
 */
export const withOwnBackend = async <A>(
  run: (context: WebGL2RenderingContext) => Promise<A>,
  {
    limits = {},
    version = 2,
  }: { readonly limits?: Readonly<Record<number, number>>; readonly version?: 1 | 2 } = {},
): Promise<A> => {
  await useWebgl()
  const before = tf.env().getNumber('WEBGL_VERSION')
  tf.env().set('WEBGL_VERSION', version)
  // the backend takes any canvas, and its type knows those of a document
  const own = new MathBackendWebGL(new OffscreenCanvas(1, 1) as unknown as HTMLCanvasElement)
  // of WebGL 1 there is no more to it than the backend itself sees
  const gl = own.gpgpu.gl as WebGL2RenderingContext
  const parameter = gl.getParameter.bind(gl)
  gl.getParameter = (name: number): unknown => limits[name] ?? parameter(name)
  await replace(() => own)
  try {
    return await run(gl)
  } finally {
    tf.env().set('WEBGL_VERSION', before)
    await replace(() => new MathBackendWebGL())
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
