/** Pages that list exports link to them in the reference, and are plain Markdown wherever else they are read. */
import { type CommentDisplayPart, DeclarationReflection, ReflectionKind } from 'typedoc'
import { expect, test } from 'vitest'
import { linked } from '../../docs/plugin/names.js'

const adam = new DeclarationReflection('adam', ReflectionKind.Function)
const find = (name: string) => (name === 'adam' ? adam : undefined)

const text = (words: string): CommentDisplayPart => ({ kind: 'text', text: words })
const code = (name: string): CommentDisplayPart => ({ kind: 'code', text: `\`${name}\`` })
const row = (...cells: readonly CommentDisplayPart[]): readonly CommentDisplayPart[] => [
  text('| '),
  ...cells.flatMap((cell) => [cell, text(' | ')]),
]
const links = (content: readonly CommentDisplayPart[], names = 'linked') =>
  linked({ names }, content, find).map((part) => part.kind === 'inline-tag')

test('a cell that is the name of an export, and nothing else, becomes a link', () => {
  expect(links(row(code('optax.adam'), code('adam')))).toEqual([false, false, false, true, false])
})

test('a name among other words stays as it is', () => {
  expect(links([text('| see '), code('adam'), text(' |')])).toEqual([false, false, false])
  expect(links([text('| '), code('adam'), text(' and others |')])).toEqual([false, false, false])
})

test('so does every name of a page that does not ask for links', () => {
  expect(links(row(code('adam')), 'plain')).toEqual([false, false, false])
})
