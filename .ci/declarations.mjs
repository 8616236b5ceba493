/**
 * Formulas for editors: in the comments of declarations, `{@rule EXPRESSION}` becomes the rule's formula as text, and so
 * does LaTeX between dollar signs. Editors show comments as Markdown, and print LaTeX as it stands.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as gradpipe from '../dist/prebuilt/index.js'
import * as objax from '../dist/prebuilt/objax.js'

const dist = new URL('../dist/', import.meta.url).pathname

/** What LaTeX has words for. */
const words = {
  ...{
    alpha: 'α',
    beta: 'β',
    gamma: 'γ',
    delta: 'δ',
    epsilon: 'ε',
    zeta: 'ζ',
    eta: 'η',
    theta: 'θ',
    kappa: 'κ',
  },
  ...{
    lambda: 'λ',
    mu: 'μ',
    nu: 'ν',
    xi: 'ξ',
    pi: 'π',
    rho: 'ρ',
    sigma: 'σ',
    tau: 'τ',
    phi: 'φ',
    chi: 'χ',
    psi: 'ψ',
  },
  ...{
    omega: 'ω',
    Delta: 'Δ',
    Gamma: 'Γ',
    Lambda: 'Λ',
    Omega: 'Ω',
    Phi: 'Φ',
    Psi: 'Ψ',
    Sigma: 'Σ',
    Theta: 'Θ',
    Xi: 'Ξ',
  },
  ...{
    le: '≤',
    ne: '≠',
    ln: 'ln',
    min: 'min',
    max: 'max',
    sum: 'Σ',
    tanh: 'tanh',
    sin: 'sin',
    cos: 'cos',
    infty: '∞',
  },
  ...{
    lfloor: '⌊',
    rfloor: '⌋',
    lVert: '‖',
    rVert: '‖',
    left: '',
    right: '',
    cdot: '·',
    iota: 'ι',
    upsilon: 'υ',
  },
  ...{
    ge: '≥',
    in: '∈',
    int: '∫',
    log: 'log',
    nabla: '∇',
    prod: 'Π',
    cosh: 'cosh',
    propto: '∝',
    sim: '∼',
    pm: '±',
  },
  ...{
    leftarrow: '←',
    langle: '⟨',
    rangle: '⟩',
    times: '×',
    odot: '⊙',
    oplus: '⊕',
    circ: '∘',
    ast: '*',
    bmod: 'mod',
    top: 'ᵀ',
  },
  ...{
    ldots: '…',
    // wide, so that it stays
    quad: '\u2003',
    qquad: '\u2003',
    bigl: '',
    bigr: '',
    '!': '',
  },
}

const below = {
  't-1': 'ₜ₋₁',
  t: 'ₜ',
  0: '₀',
  1: '₁',
  2: '₂',
  3: '₃',
  4: '₄',
  5: '₅',
  6: '₆',
  7: '₇',
  8: '₈',
  9: '₉',
  i: 'ᵢ',
  j: 'ⱼ',
  k: 'ₖ',
  n: 'ₙ',
  s: 'ₛ',
}

const above = { 2: '²', 3: '³', '-': '⁻', '+': '⁺', ᵀ: 'ᵀ', '*': '*' }

/** What stands in the braces that begin at an index, or the one sign there, and the index behind. */
const braces = (latex, from) => {
  if (latex[from] !== '{') {
    const [sign = ''] = /^(\\[A-Za-z]+|[\s\S])/.exec(latex.slice(from)) ?? []
    return [sign, from + sign.length]
  }
  let depth = 0
  for (let i = from; i < latex.length; i++) {
    if (latex[i] === '{') depth++
    else if (latex[i] === '}' && --depth === 0) return [latex.slice(from + 1, i), i + 1]
  }
  throw new Error(`a brace is open: ${latex}`)
}

/** In parentheses, unless it is a single name, number, or in parentheses already. */
const grouped = (text) =>
  /^[^\s+−*/-]+$/u.test(text) || /^(max|min|√|ln)?\([^()]*\)$/u.test(text) ? text : `(${text})`

/** A formula of `latex` as text. */
export const plain = (latex) => {
  let text = ''
  let i = 0
  while (i < latex.length) {
    const char = latex[i]
    if (char === '_' || char === '^') {
      const [inner, next] = braces(latex, i + 1)
      const said = plain(inner)
      const known = (char === '_' ? below : above)[said]
      text += known ?? (char === '_' ? `[${said}]` : `^${grouped(said)}`)
      i = next
    } else if (char === '{') {
      const [inner, next] = braces(latex, i)
      text += plain(inner)
      i = next
    } else if (char !== '\\') {
      text += char
      i += 1
    } else {
      const [, name = ''] = /^\\([A-Za-z]+|.)/.exec(latex.slice(i)) ?? []
      i += 1 + name.length
      if (name === ',') text += ' '
      else if (name === '_' || name === '{' || name === '}') text += name
      else if (name === '|') text += '‖'
      else if (name === '\\') text += ';'
      else if (name === 'frac' || name === 'tfrac') {
        const isFactor = /\\, \\frac$/.test(latex.slice(0, i))
        const [over, middle] = braces(latex, i)
        const [under, end] = braces(latex, middle)
        const quotient = `${grouped(plain(over))} / ${grouped(plain(under))}`
        text +=
          isFactor ||
          /^ *(\\,|\(|\\left|[a-z]|\\(alpha|delta|eta|lambda|log|langle)\b)/.test(latex.slice(end))
            ? `(${quotient})`
            : quotient
        i = end
      } else if (['sqrt', 'mathrm', 'mathcal', 'operatorname', 'text'].includes(name)) {
        const [inner, end] = braces(latex, i)
        text += name === 'sqrt' ? `√(${plain(inner)})` : plain(inner)
        i = end
      } else if (name === 'bar' || name === 'hat') {
        const [, letter] = /^ *(\\[A-Za-z]+|\{[^{}]*\}|.)/.exec(latex.slice(i)) ?? ['', '']
        i = latex.indexOf(letter, i) + letter.length
        text += `${plain(letter)}${name === 'bar' ? '\u0304' : '\u0302'}`
      } else if (name === 'begin') {
        const [what, start] = braces(latex, i)
        // cases in cases end with their own
        let [depth, end] = [1, start]
        while (depth > 0) {
          const next = /\\(begin|end)\{cases\}/g
          next.lastIndex = end
          const found = next.exec(latex)
          if (what !== 'cases' || found === null) throw new Error(`an environment is open: ${latex}`)
          depth += found[1] === 'begin' ? 1 : -1
          end = next.lastIndex
        }
        const rows = plain(latex.slice(start, end - '\\end{cases}'.length))
        text += `{ ${rows.replaceAll(' & ', ' ')} }`
        i = end
      } else if (Object.hasOwn(words, name)) text += words[name]
      else throw new Error(`no text for \\${name} in ${latex}`)
    }
  }
  return text
    .replace(/ +/g, ' ')
    .replace(/ ;/g, ';')
    .replace(/ ?\u2003 ?/g, '\u2003')
    .replaceAll('⟨ ', '⟨')
    .replaceAll(' ⟩', '⟩')
    .trim()
}

const scope = { ...gradpipe, objax }

const formulaOf = (expression) => {
  const code = expression.replace(/^`+|`+$/g, '')
  const value = new Function(...Object.keys(scope), `return (${code})`)(...Object.values(scope))
  const lines = gradpipe
    .latex(typeof value === 'function' ? value() : value)
    .split('\n')
    .slice(1, -1)
  return lines.map((line) => plain(line.replace(/ \\\\$/, '').replace('&=', '=')))
}

/** Code in a comment, where a dollar sign is none of LaTeX's; and LaTeX, by itself or among words. */
const pieces = /```[\s\S]*?```|`[^`\n]*`|\$\$([\s\S]+?)\$\$|\$([^$]+?)\$/g

/** A comment whose LaTeX is text: a block by itself, code among words. Lines may break within both. */
const withoutLatex = (comment) => {
  const inOneLine = (latex) => plain(latex.replace(/\s*\n[ \t]*\*[ \t]*/g, ' '))
  return comment.replace(pieces, (all, block, inline, at) => {
    if (inline !== undefined) return `\`${inOneLine(inline)}\``
    if (block === undefined) return all
    const [, start = ''] = /(?:^|\n)([ \t]*\* ?)$/.exec(comment.slice(0, at)) ?? []
    const text = inOneLine(block)
    return start === '' ? `\`${text}\`` : ['```text', text, '```'].join(`\n${start}`)
  })
}

for (const name of readdirSync(dist, { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue
  const file = join(dist, name)
  const text = readFileSync(file, 'utf8')
  const shown = text
    .replace(/^([ \t]*\* )\{@rule (`[^`]*`|[^}]*)\}$/gm, (_, start, expression) =>
      ['```text', ...formulaOf(expression), '```'].map((line) => `${start}${line}`).join('\n'),
    )
    .replace(/\/\*\*[\s\S]*?\*\//g, withoutLatex)
  if (shown.includes('{@rule ')) throw new Error(`${name} has a formula inside of a line`)
  if (shown !== text) writeFileSync(file, shown)
}
