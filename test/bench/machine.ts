/** Where a run took place. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, platform } from 'node:os'

const require = createRequire(import.meta.url)

/** The version of an installed package. Not all let their manifest be imported, so it is read. */
const versionOf = (name: string): string => {
  const root = require.resolve(name).split(`/node_modules/${name}/`)[0]
  const manifest = readFileSync(`${root}/node_modules/${name}/package.json`, 'utf8')
  return /"version":\s*"([^"]+)"/.exec(manifest)?.[1] ?? 'unknown'
}

/** The machine and the versions, a line. */
export const machine = (): string => {
  const all = cpus()
  return [
    `${all[0]?.model.trim() ?? 'unknown processor'} (${all.length} cores, ${platform()} ${arch()})`,
    `Node ${process.versions.node}`,
    `TensorFlow.js ${versionOf('@tensorflow/tfjs-core')}`,
    `jax-js ${versionOf('@jax-js/jax')}`,
  ].join(', ')
}
