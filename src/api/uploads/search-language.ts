import type { Prisma } from '../../db/generated/client.ts'
import { literally, requireFew } from '../listing/terms.ts'

type Where = Prisma.UploadWhereInput
type Text = { contains: string } | { equals: string }

// All of it is lower-cased: PostgreSQL may have been set up for a language in which it knows no capitals but those of ASCII.
const fields = {
  artist: (text: Text): Where => ({ track: { artist: { nameKey: text } } }),
  track_artist: (text: Text): Where => ({ track: { artist: { nameKey: text } } }),
  album_artist: (text: Text): Where => ({ track: { album: { artist: { nameKey: text } } } }),
  album: (text: Text): Where => ({ track: { album: { titleKey: text } } }),
  title: (text: Text): Where => ({ track: { titleKey: text } }),
  mimetype: (text: Text): Where => ({ mimetype: text }),
  status: (text: Text): Where => ({ importStatus: text }),
}

type Field = keyof typeof fields

/** Where free words are looked for. */
const searched: Field[] = ['track_artist', 'album_artist', 'album', 'title']

/** Each joins up to seven tables, and PostgreSQL would plan for minutes. */
const mostTokens = 10

interface Token {
  field: string | undefined
  value: string
}

/**
 * What `q` asks for: every word in one of the usual fields, or in those that `in:title,album` names; and `artist:`, `album:`,
 * `title:`, `album_artist:`, `track_artist:`, `mimetype:` or `status:` with the whole of what the field holds. Quotes hold
 * words together.
 * @throws Problem `malformed` when there are far too many
 */
export function searchUploads(q: string | undefined): Where[] {
  const tokens = readTokens((q ?? '').toLowerCase())
  requireFew(tokens, mostTokens)
  const narrowed = tokens
    .filter(({ field }) => field === 'in')
    .flatMap(({ value }) => value.split(','))
    .filter((name): name is Field => searched.some((one) => one === name))
  const within = narrowed.length > 0 ? narrowed : searched
  return tokens.filter(({ field }) => field !== 'in').map((token) => whereOf(token, within))
}

function readTokens(q: string): Token[] {
  const found = q.matchAll(/(?:(\w+):)?(?:"([^"]*)"|([^\s"]+))/g)
  return [...found]
    .map(([, field, quoted, word]) => ({ field, value: (quoted ?? word ?? '').trim() }))
    .filter(({ value }) => value !== '')
}

function whereOf({ field, value }: Token, within: readonly Field[]): Where {
  if (field !== undefined && isField(field)) return fields[field]({ equals: value })
  const word = field === undefined ? value : `${field}:${value}`
  return { OR: within.map((name) => fields[name]({ contains: literally(word) })) }
}

function isField(text: string): text is Field {
  return Object.hasOwn(fields, text)
}
