const browsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrom(?:e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]

const systems: [RegExp, string][] = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/** What a browser calls itself, in two words; undefined when that says nothing. Only for people to recognise it by. */
export function browserName(userAgent: string | null): string | undefined {
  if (userAgent === null) return undefined
  const found = [browsers, systems].map((list) => list.find(([sign]) => sign.test(userAgent))?.[1])
  const words = found.filter((word) => word !== undefined)
  return words.length === 0 ? undefined : words.join(' · ')
}
