import common from '@zxcvbn-ts/language-common'

let known: Set<string> | undefined

/** Whether everybody tries this password first: the 49,000 most common ones of public leaks. */
export function isCommonPassword(password: string): boolean {
  known ??= new Set(common.dictionary['passwords-common'])
  return known.has(password.trim().toLowerCase())
}
