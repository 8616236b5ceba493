/** Writes the pages of the docs that are tables, and the table of papers in the source: `npm run tables`. */
import { writeFileSync } from 'node:fs'
import { factoriesPage, llmsText } from './llms.js'
import { optaxPage } from './optaxNames.js'
import { papersSource } from './papers.js'
import { sizePage } from './size.js'
import { transformationsPage } from './transformations.js'
import { travelsPage } from './travels.js'

/** The pages by file, relative to this folder. */
export const pages: Readonly<Record<string, () => string>> = {
  '../optax-names.md': optaxPage,
  '../size.md': sizePage,
  '../transformations.md': transformationsPage,
  '../travels.md': travelsPage,
  '../llms/llms.txt': llmsText,
  '../llms/factories.md': factoriesPage,
  '../../src/export/papers.ts': papersSource,
}

if (process.argv[1]?.endsWith('main.ts') === true)
  for (const [file, page] of Object.entries(pages)) writeFileSync(new URL(file, import.meta.url), page())
