/** A reporter for Vitest: how long each test file took, the slowest first, and its share of the whole. */
import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** Files that a short table names; `SLOWEST=all` names every one. */
const shown = 15

/** One file's time in milliseconds: what it imports, sets up and tests. */
const timeOf = (module: TestModule): number => {
  const { collectDuration, setupDuration, prepareDuration, duration } = module.diagnostic()
  return collectDuration + setupDuration + prepareDuration + duration
}

/** The lines of the table. */
export const slowest = (
  files: readonly { readonly file: string; readonly ms: number }[],
  most: number,
): readonly string[] => {
  const total = files.reduce((sum, { ms }) => sum + ms, 0)
  const sorted = [...files].sort((a, b) => b.ms - a.ms)
  const line = (ms: number, text: string): string =>
    `${(ms / 1000).toFixed(1).padStart(7)} s ${((100 * ms) / total || 0).toFixed(1).padStart(5)} %  ${text}`
  const rest = sorted.slice(most)
  return [
    ...sorted.slice(0, most).map(({ file, ms }) => line(ms, file)),
    ...(rest.length > 0
      ? [
          line(
            rest.reduce((sum, { ms }) => sum + ms, 0),
            `${rest.length} more (SLOWEST=all names them)`,
          ),
        ]
      : []),
  ]
}

/** Prints the table after the last test. */
export default class Slowest implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => ({
      file: relative(module.project.config.root, module.moduleId),
      ms: timeOf(module),
    }))
    const most = process.env.SLOWEST === 'all' ? files.length : shown
    process.stdout.write(`\nSlowest files\n${slowest(files, most).join('\n')}\n\n`)
  }
}
