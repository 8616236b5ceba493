/** The code to copy: a program that makes exactly the race that is shown. */
import type { Race } from './race.js'

/** The text of a function's module as a part of a program: without its imports, nothing exported. */
const inlined = (source: string): string =>
  source
    .replace(/^import .*\n/gm, '')
    .replace(/^export /gm, '')
    .trim()

/** A program in TypeScript that prints where each optimizer ends. */
export const codeOf = ({ objective, start, steps, runners }: Race): string => {
  const searches = runners.some(({ optimizer }) => optimizer.searches)
  const names = [
    ...new Set([
      ...runners.map(({ optimizer }) => optimizer.factory),
      ...(objective.source.includes('random.') ? ['random'] : []),
      'step',
      'type GradientTransformation',
      ...(searches ? ['type ValueAndGradFnArgs'] : []),
    ]),
  ].sort((a, b) => a.replace('type ', '').localeCompare(b.replace('type ', '')))
  const table = runners.map(
    ({ optimizer, settings }) => `  '${optimizer.title}': ${optimizer.code(settings)},`,
  )
  const argument = objective.noisy ? ', i' : ''
  const type = searches ? 'GradientTransformation<unknown, ValueAndGradFnArgs>' : 'GradientTransformation'
  const loop = searches
    ? [
        '  for (let i = 0; i < steps; i++) {',
        `    const grad = gradient(params${argument})`,
        '    ;[params, state] = step(tx)(params, state, grad, {',
        '      value: value(params),',
        '      grad,',
        '      valueAndGradFn: (at) => ({',
        '        value: value(at as typeof params),',
        `        grads: gradient(at as typeof params${argument}),`,
        '      }),',
        '    })',
        '  }',
      ]
    : [
        '  for (let i = 0; i < steps; i++)',
        `    [params, state] = step(tx)(params, state, gradient(params${argument}))`,
      ]
  const described = runners.some(({ optimizer }) => optimizer.description !== undefined)
  return [
    `import { ${names.join(', ')} } from 'gradpipe'`,
    '',
    inlined(objective.source),
    '',
    ...(described
      ? [
          'const described = (description: unknown): GradientTransformation => {',
          '  const read = fromDescription(description)',
          "  if (read._tag === 'Left') throw read.left",
          '  return read.right',
          '}',
          '',
        ]
      : []),
    `const steps = ${steps}`,
    `const optimizers: Readonly<Record<string, ${type}>> = {`,
    ...table,
    '}',
    '',
    'for (const [name, tx] of Object.entries(optimizers)) {',
    `  let params = { x: ${start.x}, y: ${start.y} }`,
    '  let state = tx.init(params)',
    ...loop,
    '  console.log(name, params.x, params.y, value(params))',
    '}',
    '',
  ].join('\n')
}
