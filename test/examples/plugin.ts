/** Serves an example to Vitest as a module of its own, `FILE?example=LINE&lang.ts`, without writing it anywhere. */
import { relative } from 'node:path'
import type { Plugin } from 'vitest/config'
import { type Example, examplesOf, root } from './extract.js'

const id = /^(.*)\?example=(\d+)&lang\.ts$/

/** What to import to run an example. */
export const moduleOf = ({ file, line }: Example): string => `${root}/${file}?example=${line}&lang.ts`

export const examplesPlugin = (): Plugin => ({
  name: 'gradpipe-examples',
  enforce: 'pre',
  resolveId(source) {
    return id.test(source) ? source : undefined
  },
  load(source) {
    const [, path, line] = id.exec(source) ?? []
    if (path === undefined) return undefined
    return examplesOf(relative(root, path)).find((example) => example.line === Number(line))?.code
  },
})
