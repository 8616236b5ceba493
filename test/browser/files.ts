/** What a page has for `node:fs`: the files that the server sends. */

/** Reads a file of text at once: the page waits. */
export const readFileSync = (url: URL): string => {
  const request = new XMLHttpRequest()
  request.open('GET', url, false)
  request.send()
  if (request.status !== 200) throw new Error(`${url}: ${request.status}`)
  return request.responseText
}
