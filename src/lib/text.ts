/** Control characters (C0, DEL, C1) and surrogates without their other half: neither belongs in text that is kept. */
const unstorable = /[\p{Cc}\p{Cs}]/u
const unstorableInLines = /(?![\n\r\t])[\p{Cc}\p{Cs}]/u

/**
 * Names what the database or a page could not hold in this text (PostgreSQL refuses U+0000), or undefined if all is well.
 * With `multiline`, line breaks and tabs are fine.
 */
export function findUnstorable(text: string, { multiline = false } = {}): string | undefined {
  const found = (multiline ? unstorableInLines : unstorable).exec(text)?.[0]
  if (found === undefined) return undefined
  if (found === '\0') return 'a NUL character'
  return found >= '\ud800' ? 'a lone surrogate' : 'a control character'
}

/** The beginning of a text, in whole characters: what is outside of the basic plane counts once, and stays in one piece. */
export function cutText(text: string, mostCharacters: number): string {
  if (text.length <= mostCharacters) return text
  return [...text.slice(0, 2 * mostCharacters)].slice(0, mostCharacters).join('')
}

type BodyOffence = {
  /** Keys and indexes that lead to the value; to the object around it when a key offends. */
  path: string[]
  /** What is wrong, to follow "contains …". */
  reason: string
}

/** Keys that reach a prototype when an object is built or merged by assignment. */
const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * The first thing in a parsed body that no handler should see: text that cannot be stored, keys that reach prototypes,
 * or nesting deeper than `maxDepth`. Line breaks pass here; single-line fields refuse them on their own.
 */
export function findBodyOffence(value: unknown, { maxDepth = 10 } = {}): BodyOffence | undefined {
  if (typeof value === 'string') return offence(findUnstorable(value, { multiline: true }))
  if (typeof value !== 'object' || value === null) return undefined
  if (maxDepth === 0) return offence('too many levels of nesting')
  for (const [key, member] of Object.entries(value)) {
    const keyOffence = offence(findKeyOffence(key))
    if (keyOffence) return keyOffence
    const found = findBodyOffence(member, { maxDepth: maxDepth - 1 })
    if (found) return { path: [key, ...found.path], reason: found.reason }
  }
  return undefined
}

function findKeyOffence(key: string): string | undefined {
  return prototypeKeys.has(key) ? 'a forbidden key' : findUnstorable(key)
}

function offence(reason: string | undefined): BodyOffence | undefined {
  return reason === undefined ? undefined : { path: [], reason }
}
