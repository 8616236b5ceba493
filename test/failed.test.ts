/** What `.ci/run` says of failed tests, at the end of its log. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

test('each failed test of a report has a line: its file, its name, what it says first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradpipe-failed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const root = join(import.meta.dirname, '..')
  const file = (name: string, message: string, ...assertionResults: readonly object[]) => ({
    name: join(root, name),
    status: name === 'test/good.test.ts' ? 'passed' : 'failed',
    message,
    assertionResults,
  })
  const passed = { status: 'passed', fullName: 'of zero is zero', failureMessages: [] }
  const failed = {
    status: 'failed',
    fullName: 'a norm of ones',
    failureMessages: ['Error: 2\n    at here', 'more'],
  }
  writeFileSync(
    join(folder, 'report.json'),
    JSON.stringify({
      testResults: [
        file('test/good.test.ts', '', passed),
        file('test/bad.test.ts', '', passed, failed),
        file('test/unloaded.test.ts', 'no module\nfurther', passed),
        file('test/hook.test.ts', '', passed),
      ],
    }),
  )
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, '.ci/failed.mjs'), join(folder, 'report.json')],
    {
      encoding: 'utf8',
    },
  )
  expect(stdout.split('\n')).toEqual([
    'test/bad.test.ts: a norm of ones: Error: 2',
    'test/unloaded.test.ts: outside of its tests: no module',
    'test/hook.test.ts: outside of its tests: a hook',
    '',
  ])
})
