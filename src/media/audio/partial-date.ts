/**
 * A day from what files say: `2017`, `2017-05`, `2017-05-31`, with or without a time, and days before months where that is
 * the only way to read it.
 * @returns YYYY-MM-DD; null = it makes no sense
 */
export function readPartialDate(text: string | undefined): string | null {
  const match = /^\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T\s].*)?$/.exec(text ?? '')
  if (match === null) return null
  const [, year = '', second = '01', third] = match
  return day(year, second, third ?? '01') ?? (third === undefined ? null : day(year, third, second))
}

function day(year: string, month: string, dayOfMonth: string): string | null {
  const text = `${year}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`
  const date = new Date(`${text}T00:00:00Z`)
  // 31 April would become 1 May.
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  return isReal && Number(year) > 0 ? text : null
}
