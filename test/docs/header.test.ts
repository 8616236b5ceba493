import { describe, expect, it } from 'vitest'
import { seenFrom } from '../../docs/plugin/header.js'

describe('a link in the header', () => {
  const contents = '<a href="playground/index.html">Playground</a> <a href="index.html">Home</a>'

  it('stays as it is on the first page', () => {
    expect(seenFrom('index.html', ['playground/index.html'], contents)).toBe(contents)
  })

  it('leads out of the folder that a page stands in, and other links stay', () => {
    expect(seenFrom('documents/Start_here.html', ['playground/index.html'], contents)).toBe(
      '<a href="../playground/index.html">Playground</a> <a href="index.html">Home</a>',
    )
  })
})
