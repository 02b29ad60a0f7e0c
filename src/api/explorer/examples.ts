import type { JsonSchema } from './json-schema.ts'

/** What stands in a field of this name, wherever it occurs. */
const byName: Record<string, unknown> = {
  access_token: 'bla_…',
  allow_duplicates: false,
  album: 3,
  artist: 7,
  bitrate: 320000,
  client_id: 'k2Vn0XqWc7',
  client_name: 'Tempo',
  client_secret: 'bls_…',
  code: 'blc_…',
  code_verifier: 'dBjftJeZ4CVP-mBBYy2DmxB5cY8wMFQXo1Tn0jQ9Vw4',
  content_type: 'text/markdown',
  description: 'Recorded at home.',
  detail: 'Not found.',
  device_code: 'bld_…',
  duration: 245,
  email: 'alice@example.org',
  error: 'invalid_grant',
  expires_in: 3600,
  grant_type: 'authorization_code',
  id: 42,
  import_reference: 'evening',
  library: 'b5e6d5a2-6f9c-4c43-8d5f-7a0f4f0f5a11',
  limit: 20,
  mimetype: 'audio/mpeg',
  name: 'Evening',
  next: null,
  ordering: '-creation_date',
  page: '1',
  page_size: '50',
  password: 'correct horse battery staple',
  playable: 'true',
  previous: null,
  privacy_level: 'instance',
  q: 'whale',
  redirect_uri: 'https://app.example/callback',
  redirect_uris: 'https://app.example/callback',
  refresh_token: 'blr_…',
  scope: 'read:favorites write:playlists',
  scopes: 'read:favorites write:playlists',
  state: 'f6a1c3',
  tags: ['Ambient'],
  title: 'Deep Water',
  token: 'bla_…',
  token_type: 'Bearer',
  track: 42,
  tracks: [42, 43],
  user_code: 'WDJB-MJHT',
  username: 'alice',
  uuid: 'b5e6d5a2-6f9c-4c43-8d5f-7a0f4f0f5a11',
  website: 'https://app.example',
}

/** Adds an example to every property that is known by name and whose type it fits. */
export function withExamples(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key !== 'properties' || value === null || typeof value !== 'object') return value
    const properties = Object.entries(value as Record<string, JsonSchema>)
    return Object.fromEntries(properties.map(([name, property]) => [name, withExample(name, property)]))
  })
}

function withExample(name: string, property: JsonSchema): JsonSchema {
  const example = Object.hasOwn(byName, name) ? byName[name] : undefined
  if (example === undefined || property.examples !== undefined || property.$ref !== undefined) return property
  return fits(example, property) ? { ...property, examples: [example] } : property
}

function fits(example: unknown, { type, anyOf, enum: choices, const: only, format }: JsonSchema): boolean {
  if (only !== undefined || format !== undefined) return false
  if (Array.isArray(choices)) return choices.includes(example)
  if (Array.isArray(anyOf)) return anyOf.some((choice: JsonSchema) => fits(example, choice))
  const types = [type].flat()
  return types.includes(typeOf(example)) || (types.includes('number') && typeof example === 'number')
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
