import { texts } from '../texts/en.ts'

const days = new Intl.DateTimeFormat(texts.language, { dateStyle: 'medium', timeZone: 'UTC' })
const moments = new Intl.DateTimeFormat(texts.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** A day, for people, in UTC. */
export function shortDate(date: Date): string {
  return days.format(date)
}

/** A day and time, for people; says that it is UTC. */
export function shortMoment(date: Date): string {
  return `${moments.format(date)} UTC`
}
