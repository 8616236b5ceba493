/** The TypeDoc plugin of this project: formulas, printed from the rules where they can be, pages in their order, and Markdown. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  Application,
  Comment,
  type CommentDisplayPart,
  type Context,
  Converter,
  JSX,
  PageEvent,
  ReferenceReflection,
  RendererEvent,
} from 'typedoc'
import { examples } from './examples.js'
import { seenFrom } from './header.js'
import { scriptFile, withoutInlineScript } from './inline.js'
import { formulas, type Markdown } from './math.js'
import { modulesOf, modulesOfFactory } from './modules.js'
import { exportsOf, linked } from './names.js'
import { inReadingOrder, withOneTitle } from './pages.js'
import { forPrograms } from './programs.js'
import { formulaOf, transformationOf } from './rule.js'

/** Where the style sheet and the fonts of KaTeX lie: they are copied, nothing is loaded from elsewhere. */
const katexDist = dirname(createRequire(import.meta.url).resolve('katex/dist/katex.min.css'))

/** The pages of the guide, in the order of a README. */
const pages = (readme: string): string[] => {
  const root = dirname(readme)
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  return inReadingOrder(
    readFileSync(readme, 'utf8'),
    names.map((name) => `docs/${name}`),
  ).map((page) => join(root, page))
}

/** TypeDoc calls this when it starts. */
export function load(app: Application): void {
  const isRule = (part: CommentDisplayPart): boolean => part.kind === 'inline-tag' && part.tag === '@rule'
  /** With the modules of `travelling` below its formula. */
  const printRules = (
    parts: readonly CommentDisplayPart[],
    travelling?: CommentDisplayPart,
  ): CommentDisplayPart[] =>
    parts.map((part) => {
      if (!isRule(part)) return part
      try {
        const modules = part === travelling ? modulesOf(transformationOf(part.text.trim())) : ''
        return { kind: 'text', text: `$$${formulaOf(part.text.trim())}$$${modules}` }
      } catch (error) {
        app.logger.error(`{@rule ${part.text}} cannot be printed: ${error}`)
        return part
      }
    })

  const isFactory = (comment: Comment): boolean => {
    const category = comment.getTag('@category')?.content.map(({ text }) => text)
    return ['Optimizers', 'Building blocks'].includes(category?.join('').trim() ?? '')
  }

  // Not before: the options are read again when the plugins are loaded.
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue('projectDocuments', pages(app.options.getValue('readme')))
    app.options.setValue('inlineTags', [...app.options.getValue('inlineTags'), '@rule'])
    const math = formulas((formula, error) =>
      app.logger.error(`KaTeX does not understand ${formula}: ${error}`),
    )
    app.options.setValue('markdownItLoader', (markdown: Markdown) => {
      math(markdown)
      examples(markdown)
    })
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    const find = exportsOf(project)
    for (const reflection of Object.values(project.reflections)) {
      if (reflection instanceof ReferenceReflection) {
        // what is exported in a second place stands there in the same category
        const target = reflection.getTargetReflectionDeep()
        const own = target.isDeclaration() ? target.signatures?.[0]?.comment : undefined
        const category = (target.comment ?? own)?.getTag('@category')
        if (category !== undefined) reflection.comment ??= new Comment([], [category])
        continue
      }
      const { comment } = reflection
      if (comment !== undefined) {
        const rule = comment.summary.find(isRule)
        comment.summary = printRules(comment.summary, rule)
        // whose formula is written by hand
        if (rule === undefined && reflection.isSignature() && isFactory(comment))
          comment.summary.push({ kind: 'text', text: modulesOfFactory(reflection.name) })
        for (const tag of comment.blockTags) tag.content = printRules(tag.content)
      }
      if (reflection.isDocument())
        reflection.content = linked(reflection.frontmatter, printRules(reflection.content), find)
    }
  })
  /** What stood in pages as a script: the same in each. */
  const scripts = new Set<string>()
  app.renderer.hooks.on('head.end', ({ relativeURL }) =>
    JSX.createElement('link', { rel: 'stylesheet', href: relativeURL('assets/katex/katex.min.css') }),
  )
  app.renderer.hooks.on('body.end', ({ relativeURL }) =>
    JSX.createElement('script', { type: 'module', src: relativeURL('playground/examples.js') }),
  )
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    const links = Object.values(app.options.getValue('navigationLinks'))
    const titled = withOneTitle(seenFrom(page.url, links, page.contents ?? ''))
    const [contents, script] = withoutInlineScript(page.url, titled)
    page.contents = contents
    if (script !== '') scripts.add(script)
  })
  app.renderer.on(RendererEvent.END, ({ outputDirectory }: RendererEvent) => {
    const root = join(import.meta.dirname, '../..')
    for (const [from, to] of forPrograms(root)) cpSync(join(root, from), join(outputDirectory, to))
    writeFileSync(join(outputDirectory, scriptFile), [...scripts].join('\n'))
    for (const name of ['katex.min.css', 'fonts'])
      cpSync(join(katexDist, name), join(outputDirectory, 'assets/katex', name), {
        recursive: true,
        // Every browser that runs WebGPU or WASM SIMD takes woff2, the first and smallest of three formats.
        filter: (path) => !/\.(ttf|woff)$/.test(path),
      })
  })
}
