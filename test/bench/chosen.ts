/** Those of all that are asked for by name, separated by commas; all, where nothing is asked. */
export const chosen = <A>(
  all: readonly A[],
  nameOf: (a: A) => string,
  asked: string | undefined,
): readonly A[] => (asked === undefined ? all : all.filter((a) => asked.split(',').includes(nameOf(a))))

/** Names that are asked for and are not there. */
export const unknown = (names: readonly string[], asked: string | undefined): readonly string[] =>
  (asked?.split(',') ?? []).filter((name) => !names.includes(name))
