/** Tags that one thing may have. */
const mostTags = 30

/** Letters of any script, digits and underscores. */
const tagName = /^[\p{L}\p{N}_]{1,100}$/u

export function isTagName(text: string): boolean {
  return tagName.test(text)
}

/** Names of tags from a file's genres: `Post-Rock; Drum and Bass` gives PostRock and DrumAndBass. */
export function tagNamesIn(genres: readonly string[]): string[] {
  const parts = genres.flatMap((genre) => genre.split(/ - |[,;/]/))
  return distinctTags(parts.map(joinWords).filter(isTagName))
}

function joinWords(part: string): string {
  const words = part
    .replaceAll('-', ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length <= 1) return words[0] ?? ''
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

/** The first of those that differ in case only; no more than there may be. */
export function distinctTags(names: readonly string[]): string[] {
  const byKey = new Map<string, string>()
  for (const name of names) if (!byKey.has(name.toLowerCase())) byKey.set(name.toLowerCase(), name)
  return [...byKey.values()].slice(0, mostTags)
}
