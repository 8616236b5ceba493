/** What the worker of an example says to the page. */
export type Said =
  | { readonly kind: 'printed'; readonly level: 'log' | 'error'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: string; readonly line: number | undefined }
  | {
      readonly kind: 'finished'
      readonly milliseconds: number
      /** How many assertions have held, and how often something was printed. */
      readonly held: number
      readonly printed: number
    }
