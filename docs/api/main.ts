/**
 * Writes the API reports, one per entry of the package: all that users can reach, in the order of names. A change
 * of the public surface is then a change of these files, and is seen in review.
 *
 * `npm run api` builds, and brings the reports up to date. With `-- --check` it changes nothing, shows what differs,
 * and fails if anything does.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor'

const root = join(import.meta.dirname, '../..')

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, null | string | { readonly types: string }>>
}

/** The entries that have types: the name of the report, and the file of declarations. */
function entries(): readonly (readonly [name: string, declarations: string])[] {
  // the package's own manifest, whose form the tests of the package check
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  return Object.entries(exports).flatMap(([entry, target]) =>
    target === null || typeof target === 'string'
      ? []
      : [[entry === '.' ? name : entry.replace('./', ''), target.types] as const],
  )
}

const quiet = { logLevel: ExtractorLogLevel.None } as const

const configuration = (name: string, declarations: string, temporary: string): IConfigFile => ({
  projectFolder: root,
  mainEntryPointFilePath: join(root, declarations),
  newlineKind: 'lf',
  compiler: {
    overrideTsconfig: { extends: './tsconfig.build.json', include: [], files: [declarations] },
  },
  apiReport: {
    enabled: true,
    // what a public type is made of is seen too, and so is a change of it
    includeForgottenExports: true,
    reportFileName: `${name}.api.md`,
    reportFolder: import.meta.dirname,
    reportTempFolder: temporary,
  },
  docModel: { enabled: false },
  dtsRollup: { enabled: false },
  tsdocMetadata: { enabled: false },
  messages: {
    compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
    extractorMessageReporting: {
      default: { logLevel: ExtractorLogLevel.Error },
      // everything that is exported is public
      'ae-missing-release-tag': quiet,
      'ae-forgotten-export': quiet,
      // TypeDoc sees to comments and links
      'ae-undocumented': quiet,
      'ae-unresolved-link': quiet,
    },
    tsdocMessageReporting: { default: quiet },
  },
})

/** Brings one report up to date, or says whether it is. */
function report(name: string, declarations: string, temporary: string, check: boolean): boolean {
  const { succeeded, errorCount, apiReportChanged } = Extractor.invoke(
    ExtractorConfig.prepare({
      configObject: configuration(name, declarations, temporary),
      configObjectFullPath: undefined,
      packageJsonFullPath: join(root, 'package.json'),
    }),
    {
      localBuild: !check,
      messageCallback: (message) => {
        // that a report is written, or differs, is said below
        if (message.messageId.startsWith('console-')) message.handled = true
      },
    },
  )
  if (errorCount > 0 || !(succeeded || check)) throw new Error(`no report of ${declarations}`)
  const file = `${name}.api.md`
  if (check && apiReportChanged)
    spawnSync(
      'git',
      ['--no-pager', 'diff', '--no-index', join(import.meta.dirname, file), join(temporary, file)],
      {
        stdio: 'inherit',
      },
    )
  console.log(`docs/api/${file}: ${apiReportChanged ? (check ? 'differs' : 'written') : 'up to date'}`)
  return apiReportChanged
}

const check = process.argv.includes('--check')
const temporary = mkdtempSync(join(tmpdir(), 'gradpipe-api-'))
try {
  const changed = entries().filter(([name, declarations]) => report(name, declarations, temporary, check))
  if (check && changed.length > 0) {
    console.error('The public surface has changed: if that is meant, run `npm run api`, and commit docs/api.')
    process.exitCode = 1
  }
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
