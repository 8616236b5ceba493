/** The textures of our own that a job's reductions need, and what combines shares in them. */
import { combineShader, PLANES } from '../../../compile/glsl/reduction.js'
import { ROW } from '../../../compile/glsl/shader.js'
import type { Layout } from './layout.js'
import { ownTexture, type Painter, type Shader } from './painter.js'

/** Textures of our own. */
export interface Textures {
  readonly table: WebGLTexture
  readonly shares: readonly WebGLTexture[]
  readonly between: readonly [WebGLTexture, WebGLTexture]
  readonly values: WebGLTexture
  readonly combine: Shader
}

/** Makes them, with as many planes of shares; what is wrong with the shader, in words. */
export const texturesOf = (
  gl: WebGL2RenderingContext,
  { lines, table }: Layout,
  painter: Painter,
  planes: number,
): Textures | string => {
  const combine = painter.shader(combineShader, [
    'rows',
    ...Array.from({ length: PLANES }, (_, i) => `shares${i}`),
  ])
  if (typeof combine === 'string') return combine
  const texture = (height: number): WebGLTexture => ownTexture(gl, ROW, Math.max(1, height))
  return {
    combine,
    table: ownTexture(gl, ROW, table.length / 4 / ROW, table),
    shares: Array.from({ length: planes }, () => texture(lines.shares)),
    between: [texture(lines.between[0]), texture(lines.between[1])],
    values: texture(lines.values),
  }
}
