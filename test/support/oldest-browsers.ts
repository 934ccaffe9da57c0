/** Names of APIs that at least one of the oldest browsers lacks, by MDN's tables. Any use of these names is refused. */
export const newerThanOldestBrowsers = [
  ['isWellFormed', 'toWellFormed', 'toReversed', 'toSorted', 'toSpliced', 'groupBy', 'fromAsync'],
  ['withResolvers', 'canParse', 'isError', 'sumPrecise', 'getOrInsert', 'getOrInsertComputed', 'checkVisibility'],
  ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom'],
  ['Segmenter', 'DurationFormat', 'requestIdleCallback', 'setHTMLUnsafe', 'parseHTMLUnsafe', 'showPopover', 'toArray'],
].flat();

/** Names of all properties and methods that a script uses. */
export const namesUsedIn = (script: string): Set<string> =>
  new Set([...script.matchAll(/\.(\w+)\b/g)].map(([, name = '']) => name));
