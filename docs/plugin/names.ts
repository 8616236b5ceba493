/**
 * Links in the tables of a document: a cell that is the name of an export and nothing else becomes a link to it, where
 * the document's front matter says `names: linked`. So the page is plain Markdown wherever else it is read.
 */
import {
  type CommentDisplayPart,
  type DocumentReflection,
  type ProjectReflection,
  ReferenceReflection,
  type Reflection,
} from 'typedoc'

/** Finds an export by its dotted name. */
type Find = (name: string) => Reflection | undefined

/** Finds exports of the main entry. */
export const exportsOf =
  (project: ProjectReflection): Find =>
  (name) => {
    const found = project.getChildByName(['gradpipe', ...name.split('.')])
    return found instanceof ReferenceReflection ? found.getTargetReflectionDeep() : found
  }

const opens = (before: CommentDisplayPart | undefined): boolean =>
  before?.kind === 'text' && /\|\s*$/.test(before.text)

const closes = (after: CommentDisplayPart | undefined): boolean =>
  after?.kind === 'text' && /^\s*\|/.test(after.text)

/** The content of a document, with its links. */
export const linked = (
  frontmatter: DocumentReflection['frontmatter'],
  content: readonly CommentDisplayPart[],
  find: Find,
): CommentDisplayPart[] =>
  frontmatter.names !== 'linked'
    ? [...content]
    : content.map((part, i) => {
        if (part.kind !== 'code' || !opens(content[i - 1]) || !closes(content[i + 1])) return part
        const text = part.text.slice(1, -1)
        const target = find(text)
        return target === undefined ? part : { kind: 'inline-tag', tag: '@linkcode', text, target }
      })
