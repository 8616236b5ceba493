/** A folder in which the tests keep the playground as it is built: once for all files, anew when tests run again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { builtIn } from './site.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the first test that opens the playground builds it, and the others find it. */
    readonly siteFolder: string
  }
}

const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'gradpipe-site-'))
  project.provide('siteFolder', folder)
  project.onTestsRerun(() => rm(builtIn(folder), { recursive: true, force: true }))
  return () => rm(folder, { recursive: true, force: true })
}

export default setup
