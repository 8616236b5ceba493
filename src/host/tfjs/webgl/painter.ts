/** Drawing with WebGL 2: programs, remembered by their text, and frame buffers of several textures. */
import { INFINITY_BITS } from '../../../compile/glsl/functions.js'
import { everywhere } from '../../../compile/glsl/shader.js'
import { remember } from '../../../rule/intern.js'
import { boundedCache } from '../../boundedCache.js'
import { count } from '../../statistics.js'

/** A program, and where its uniforms are. Its textures are in units of the same order as their names. */
export interface Shader {
  readonly program: WebGLProgram
  /** Where a uniform is; `null` if nothing depends on it. */
  readonly at: (name: string) => WebGLUniformLocation | null
}

/** A part of some textures, in texels. */
export interface Region {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What draws in a context. */
export interface Painter {
  /** The most textures that one draw writes, and reads. */
  readonly limits: { readonly attachments: number; readonly units: number; readonly size: number }
  /** The program of a fragment shader, which reads these textures; what is wrong with it, in words. */
  readonly shader: (text: string, textures: readonly string[]) => Shader | string
  /** What follows is drawn by this program. */
  readonly use: (shader: Shader) => void
  /** What the program reads from a unit. */
  readonly bind: (unit: number, texture: WebGLTexture) => void
  /** Draws into a region of textures. */
  readonly draw: (targets: readonly WebGLTexture[], region: Region) => void
  /** Begins, and ends, a step: nothing of it stays attached. */
  readonly begin: () => void
  readonly end: () => void
}

/** How many programs of a context are kept; those in use are held by their jobs as well. */
const KEPT = 256

const compiled = (gl: WebGL2RenderingContext, type: number, text: string): WebGLShader | null => {
  const shader = gl.createShader(type)
  if (shader === null) return null
  gl.shaderSource(shader, text)
  gl.compileShader(shader)
  return shader
}

/** What is left of a program's making, if it failed; else it. */
const linked = (gl: WebGL2RenderingContext, text: string): WebGLProgram | string => {
  const program = gl.createProgram()
  const shaders = [compiled(gl, gl.VERTEX_SHADER, everywhere), compiled(gl, gl.FRAGMENT_SHADER, text)]
  for (const shader of shaders) if (shader !== null) gl.attachShader(program, shader)
  gl.linkProgram(program)
  const isLinked = gl.getProgramParameter(program, gl.LINK_STATUS) === true
  const said = [
    ...shaders.map((shader) => (shader === null ? '' : gl.getShaderInfoLog(shader))),
    gl.getProgramInfoLog(program),
  ]
  for (const shader of shaders) gl.deleteShader(shader)
  return isLinked ? program : `the device does not compile a shader: ${said.filter(Boolean).join(' ')}`.trim()
}

const shaderOf = (gl: WebGL2RenderingContext, text: string, textures: readonly string[]): Shader | string => {
  const program = linked(gl, text)
  if (typeof program === 'string') return program
  const places = new Map<string, WebGLUniformLocation | null>()
  const at = (name: string): WebGLUniformLocation | null => {
    const known = places.get(name)
    if (known !== undefined) return known
    const place = gl.getUniformLocation(program, name)
    places.set(name, place)
    return place
  }
  gl.useProgram(program)
  gl.uniform1ui(at('bits_of_infinity'), INFINITY_BITS)
  for (const [unit, name] of textures.entries()) gl.uniform1i(at(name), unit)
  return { program, at }
}

/** A texture of our own, of so many rows: of shares and values, or of a table. */
export const ownTexture = (
  gl: WebGL2RenderingContext,
  width: number,
  height: number,
  table?: Int32Array,
): WebGLTexture => {
  const texture = gl.createTexture()
  gl.activeTexture(gl.TEXTURE0)
  gl.bindTexture(gl.TEXTURE_2D, texture)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
  gl.texStorage2D(gl.TEXTURE_2D, 1, table === undefined ? gl.RGBA32F : gl.RGBA32I, width, height)
  if (table !== undefined)
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA_INTEGER, gl.INT, table)
  gl.bindTexture(gl.TEXTURE_2D, null)
  return texture
}

/** What draws in a context. */
export const painterOf: (gl: WebGL2RenderingContext) => Painter = remember((gl: WebGL2RenderingContext) => {
  const cache = boundedCache<Shader | string>(KEPT)
  const vertices = gl.createVertexArray()
  const frames = new Map<number, WebGLFramebuffer>()
  const frameOf = (attachments: number): WebGLFramebuffer => {
    const known = frames.get(attachments)
    if (known !== undefined) {
      gl.bindFramebuffer(gl.FRAMEBUFFER, known)
      return known
    }
    const frame = gl.createFramebuffer()
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame)
    gl.drawBuffers(Array.from({ length: attachments }, (_, i) => gl.COLOR_ATTACHMENT0 + i))
    frames.set(attachments, frame)
    return frame
  }
  const attach = (i: number, texture: WebGLTexture | null): void => {
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + i, gl.TEXTURE_2D, texture, 0)
  }
  const used = new Set<number>()
  const most = (...names: readonly number[]): number =>
    Math.min(...names.map((name) => Number(gl.getParameter(name))))
  return {
    limits: {
      attachments: most(gl.MAX_DRAW_BUFFERS, gl.MAX_COLOR_ATTACHMENTS),
      units: most(gl.MAX_TEXTURE_IMAGE_UNITS),
      size: most(gl.MAX_TEXTURE_SIZE),
    },
    shader: (text, textures) => {
      let isKnown = true
      const shader = cache(text, () => {
        isKnown = false
        return shaderOf(gl, text, textures)
      })
      count(isKnown ? 'hits' : 'compilations')
      return shader
    },
    use: ({ program }) => gl.useProgram(program),
    bind: (unit, texture) => {
      gl.activeTexture(gl.TEXTURE0 + unit)
      gl.bindTexture(gl.TEXTURE_2D, texture)
    },
    draw: (targets, { x, y, width, height }) => {
      frameOf(targets.length)
      used.add(targets.length)
      for (let i = 0; i < targets.length; i++) attach(i, targets[i] ?? null)
      gl.viewport(x, y, width, height)
      gl.scissor(x, y, width, height)
      gl.drawArrays(gl.TRIANGLES, 0, 3)
      count('launches')
    },
    begin: () => gl.bindVertexArray(vertices),
    end: () => {
      for (const attachments of used) {
        frameOf(attachments)
        for (let i = 0; i < attachments; i++) attach(i, null)
      }
      used.clear()
    },
  }
})
