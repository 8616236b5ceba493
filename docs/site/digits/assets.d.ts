/** What the build makes of files: styles of the page, and addresses of what lies beside it. */
declare module '*.css'

declare module '*.wasm?url' {
  const url: string
  export default url
}

declare module 'virtual:digits' {
  const url: string
  export default url
}
