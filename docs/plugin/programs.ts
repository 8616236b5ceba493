/** What the site has for readers who are programs: llms.txt at its root, and the guide in Markdown beside it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The files, relative to the folder of package.json, and where each lies on the site. */
export const forPrograms = (root: string): readonly (readonly [from: string, to: string])[] => [
  ['docs/llms/llms.txt', 'llms.txt'],
  ['docs/llms/factories.md', 'markdown/factories.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => [`docs/${name}`, `markdown/${name}`] as const),
]
