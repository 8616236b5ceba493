/** The text of an example on a page of the guide or of the reference. */

const codeOf = (block: HTMLElement): string => {
  const code = block.querySelector('code')?.cloneNode(true)
  if (!(code instanceof HTMLElement)) return ''
  // TypeDoc ends lines by elements
  for (const end of code.querySelectorAll('br')) end.replaceWith('\n')
  return (code.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd()
}

/** An example whole: after those that it goes on from. */
export const textOf = (blocks: readonly HTMLElement[], index: number): string => {
  const block = blocks[index]
  if (block === undefined) return ''
  const own = codeOf(block)
  return block.dataset.example === 'continues' && index > 0 ? `${textOf(blocks, index - 1)}\n\n${own}` : own
}
