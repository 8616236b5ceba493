/** Golden trajectories on WebGL, in a page. */
import * as gradpipe from '../../src/index.js'
import { type Library, ourName } from '../golden/catalogue.js'
import { firstSteps, follow } from '../golden/follow.js'
import { decode, type GoldenFile, readGoldens, tensor } from '../golden/golden.js'
import { transformationOf } from '../golden/trajectory.js'
import { collect, type Tried, useWebgl } from './backend.js'

const library: Library = gradpipe

/**
 * Where the first steps of some cases differ from Optax's: every `of`th case of a file, from the so-manieth on. To be
 * thorough, all are followed as far as the second step that is recorded; else every sixth one, since a device in
 * software compiles a shader in some hundredths of a second, and all go to WebGPU.
 */
export const goldens = async (
  file: string,
  first: number,
  of: number,
  isThorough: boolean,
): Promise<Tried> => {
  await useWebgl()
  const { cases, inputs } = readGoldens<GoldenFile>(file)
  const chosen = cases.filter(({ name }) => typeof library[ourName(name)] === 'function')
  return collect(
    chosen
      .filter((_, i) => i % of === first)
      .filter((_, i) => isThorough || i % 6 === 0)
      .map((golden) => {
        const { name, args, config, call } = golden
        return [
          `${name}(${JSON.stringify([args, config, call])}) on ${golden.inputs}`,
          async () => {
            const given = inputs[golden.inputs]
            if (given === undefined) throw new Error(`there are no inputs ${golden.inputs}`)
            const tx = transformationOf(gradpipe, golden, decode(given.params0), tensor)
            const differences = await follow(tx, golden, given, isThorough ? 2 : firstSteps(golden))
            return differences
              .filter(({ ratio }) => !(ratio <= 1))
              .map(({ path, ratio, message }) => `${path}: ${message} (${ratio})`)
          },
        ]
      }),
  )
}
