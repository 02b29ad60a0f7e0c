/** The words of `q` outside of the full-text search; `"quoted words"` are one term. */
export function searchTerms(q: string | undefined): string[] {
  const found = (q ?? '').matchAll(/"([^"]*)"|([^\s"]+)/g)
  return [...found].map(([, quoted, word]) => (quoted ?? word ?? '').trim()).filter((term) => term !== '')
}

/** For ILIKE: this text anywhere. */
export function patternOf(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}
