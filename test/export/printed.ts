/** What the tests of printed modules share. */
import type { Params } from '../../src/index.js'

/** Leaves to print for. */
export const params: Params = {
  dense: { kernel: new Float32Array(4), bias: new Float32Array(2) },
  scale: 1,
}

/** A function of a module, without its docstring and indentation. */
export const functionIn = (text: string, name: string): readonly string[] => {
  const [, body = ''] =
    new RegExp(`def ${name}\\(.*?\\n {4}r?""".*?"""\\n(.*?)(\\n\\n\\n|$)`, 's').exec(text) ?? []
  return body.split('\n').map((line) => line.slice(4))
}
