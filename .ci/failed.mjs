/** Prints each failed test of Vitest's report, a line each: its file, its name, what it says first. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const [report = ''] = process.argv.slice(2)
const root = new URL('..', import.meta.url).pathname

for (const { name, message, status, assertionResults } of JSON.parse(readFileSync(report, 'utf8'))
  .testResults) {
  const file = relative(root, name)
  const first = (text) => text.split('\n')[0]
  const failed = assertionResults.filter((test) => test.status === 'failed')
  for (const { fullName, failureMessages } of failed)
    console.log(`${file}: ${fullName}: ${first(failureMessages[0] ?? '')}`)
  // it could not be loaded, or a hook failed
  if (status === 'failed' && failed.length === 0)
    console.log(`${file}: outside of its tests: ${first(message) || 'a hook'}`)
}
