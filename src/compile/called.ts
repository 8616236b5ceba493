/** A text in a shading language with the functions that it calls, and with no other: a device reads all that it has. */

/** Functions and structures, by their names, in their order. */
export type Declarations = ReadonlyMap<string, string>

/** The declarations of a text, each of which begins a line; `named` finds the name of one at its beginning. */
export const declarationsOf = (text: string, named: RegExp): Declarations => {
  const declarations = new Map<string, string>()
  let last = ''
  for (const line of text.replace(/^ *\/\/.*\n/gm, '').split(/^/m)) {
    const name = named.exec(line)?.[1]
    if (name !== undefined) last = name
    if (last !== '') declarations.set(last, `${declarations.get(last) ?? ''}${line}`)
  }
  return declarations
}

/** Adds what a text calls, and what that calls in turn. */
const reach = (text: string, declarations: Declarations, reached: Set<string>): void => {
  for (const name of text.match(/\w+/g) ?? []) {
    const found = declarations.get(name)
    if (found === undefined || reached.has(name)) continue
    reached.add(name)
    reach(found, declarations, reached)
  }
}

/** What a text calls, as far as it is among these declarations, and what that calls in turn. */
export const called = (text: string, declarations: Declarations): string => {
  const reached = new Set<string>()
  reach(text, declarations, reached)
  return [...declarations]
    .filter(([name]) => reached.has(name))
    .map(([, declaration]) => declaration)
    .join('')
}
