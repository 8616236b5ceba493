/** What `plugin.ts` makes. */
declare module 'virtual:modules' {
  /** Where the module is that runs before an example, in its worker. */
  export const host: string
  /** Where the modules are that an example may import, by the names that it says. */
  export const modules: Readonly<Record<string, string>>
}
