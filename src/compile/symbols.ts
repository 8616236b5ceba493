/** Symbols for the names of scalars and slots, as LaTeX: whatever they are, the formula is valid. */

/** Names that the field writes otherwise. */
const customaryNames: Readonly<Record<string, string>> = {
  b1: '\\beta_1',
  b2: '\\beta_2',
  b3: '\\beta_3',
  decay: '\\beta',
  momentum: '\\mu',
  eps: '\\epsilon',
  epsRoot: '\\bar\\epsilon',
  etaMinus: '\\eta^-',
  etaPlus: '\\eta^+',
  learningRate: '\\eta',
  weightDecay: '\\lambda',
  trustCoefficient: '\\xi',
  maxDelta: '\\delta',
  maxNorm: 'c',
  threshold: '\\tau',
  stepSize: 's',
  stepSizes: 's',
  eG: 'E[g^2]',
  eX: 'E[u^2]',
  previousGradient: '\\bar g',
}

/** Greek letters by name, with those that LaTeX takes from the Latin alphabet. */
const greek: ReadonlyMap<string, string> = new Map([
  ...'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega'
    .split(' ')
    .concat('varepsilon vartheta varpi varrho varsigma varphi'.split(' '))
    .concat('Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega'.split(' '))
    .map((name) => [name, `\\${name}`] as const),
  ['omicron', 'o'],
  ...Object.entries({
    Alpha: 'A',
    Beta: 'B',
    Epsilon: 'E',
    Zeta: 'Z',
    Eta: 'H',
    Iota: 'I',
    Kappa: 'K',
    Mu: 'M',
    Nu: 'N',
    Omicron: 'O',
    Rho: 'P',
    Tau: 'T',
    Chi: 'X',
  }).map(([name, letter]) => [name, `\\mathrm{${letter}}`] as const),
])

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
}

/** A name as upright text, whatever characters it has. */
const upright = (name: string): string =>
  /^[A-Za-z0-9]+$/.test(name)
    ? `\\mathrm{${name}}`
    : `\\text{${name.replace(/[\\~^#$%&_{}]/g, (character) => special[character] ?? `\\${character}`)}}`

/** The symbol of a name: the customary one, a Greek letter, or the name in upright letters. */
export const symbolOf = (name: string): string => {
  if (Object.hasOwn(customaryNames, name)) return customaryNames[name] ?? name
  const [, letter = name, index] = /^(\D+?)_?(\d+)$/.exec(name) ?? []
  const known = greek.get(letter)
  if (known !== undefined) return index === undefined ? known : `${known}_{${index}}`
  return /^\p{L}$/u.test(name) ? name : upright(name)
}

/** A symbol that a subscript can follow: in braces if it has one already. */
export const indexed = (symbol: string): string => (/_\{?\d+\}?$/.test(symbol) ? `{${symbol}}` : symbol)

/** Where something stands in a state, as an index. */
export const placeOf = (place: string): string => (/^[\d.]*$/.test(place) ? place : upright(place))
