/** An editor for TypeScript: CodeMirror with what an example needs. Tab leads in and out; Ctrl or Cmd with Enter runs. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { typescriptLanguage } from '@codemirror/lang-javascript'
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  LanguageSupport,
  syntaxHighlighting,
} from '@codemirror/language'
import { EditorState, Prec, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** Marks a line, or none. */
const mark = StateEffect.define<number | undefined>()

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (lines, { docChanged, effects, state: { doc } }) => {
    for (const effect of effects)
      if (effect.is(mark)) {
        const number = effect.value
        return number === undefined || number > doc.lines
          ? Decoration.none
          : Decoration.set(Decoration.line({ class: 'cm-failed' }).range(doc.line(number).from))
      }
    // a line that is being mended is no longer the one that failed
    return docChanged ? Decoration.none : lines
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** The classes of words; `example.css` has their colours. */
const classes = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.moduleKeyword], class: 'ts-keyword' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], class: 'ts-string' },
  { tag: [tags.number, tags.bool, tags.null], class: 'ts-number' },
  { tag: tags.comment, class: 'ts-comment' },
  { tag: [tags.typeName, tags.className], class: 'ts-type' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], class: 'ts-function' },
])

export interface Editor {
  readonly element: HTMLElement
  readonly text: () => string
  readonly setText: (text: string) => void
  /** Marks the line that failed, and shows it; or takes the mark away. */
  readonly markLine: (line: number | undefined) => void
  readonly focus: () => void
  readonly destroy: () => void
}

export const editorOf = (text: string, name: string, run: () => void): Editor => {
  const view = new EditorView({
    doc: text,
    extensions: [
      lineNumbers(),
      history(),
      indentOnInput(),
      bracketMatching(),
      EditorState.tabSize.of(2),
      new LanguageSupport(typescriptLanguage),
      syntaxHighlighting(classes),
      marked,
      Prec.highest(
        keymap.of([
          {
            key: 'Mod-Enter',
            run: () => {
              run()
              return true
            },
          },
        ]),
      ),
      // Tab is not among them: it leads on
      keymap.of([...defaultKeymap, ...historyKeymap]),
      EditorView.contentAttributes.of({ 'aria-label': name, spellcheck: 'false' }),
    ],
  })
  return {
    element: view.dom,
    text: () => view.state.doc.toString(),
    setText: (changed) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: changed } }),
    markLine: (line) =>
      view.dispatch({
        effects: [
          mark.of(line),
          ...(line === undefined || line > view.state.doc.lines
            ? []
            : [EditorView.scrollIntoView(view.state.doc.line(line).from, { y: 'nearest' })]),
        ],
      }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}
