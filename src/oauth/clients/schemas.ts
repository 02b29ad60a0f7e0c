import { z } from 'zod'
import { moment } from '../../http/wire.ts'
import { findUnstorable } from '../../lib/text.ts'

/** One line of text for people: not blank, no control characters. */
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => findUnstorable(text) === undefined, 'Control characters are not allowed.')
    // People decide by this name: it must be seen, and must not turn the words around it.
    .refine(
      (text) => !/\p{Bidi_Control}/u.test(text),
      'Characters that change the direction of writing are not allowed.',
    )
    .refine((text) => /[^\p{Default_Ignorable_Code_Point}\s]/u.test(text), 'This field may not be blank.')

/** Text with blanks between the items, or a list. */
const listOrText = z.union([z.string().max(4096), z.array(z.string().max(4096)).max(100)])

const scopes = listOrText.refine((value) => [value].flat().join('').trim() !== '', 'This field may not be blank.')

export const newClient = z.object({
  name: line(255),
  redirect_uris: listOrText.default(''),
  scopes: scopes.default('read'),
})

/** PUT: like a registration, but redirect URIs that are left out stay. */
export const replacedClient = z.object({
  name: line(255),
  redirect_uris: listOrText.optional(),
  scopes: scopes.default('read'),
})

export const changedClient = z.object({
  name: line(255).optional(),
  redirect_uris: listOrText.optional(),
  scopes: scopes.optional(),
})

export const clientPath = z.object({ client_id: z.string().max(100) })

/** What everybody may read of a client. */
export const publicClient = z.object({
  client_id: z.string(),
  name: z.string(),
  scopes: z.string(),
  created: moment,
  updated: moment,
})

/** What the owner reads; `token` only when it has just been made. */
export const ownedClient = z.object({
  client_id: z.string(),
  name: z.string(),
  scopes: z.string(),
  created: moment,
  updated: moment,
  redirect_uris: z.string(),
  token: z.string().nullable(),
})

/** The answer to a registration, the only one that shows the secret. */
export const registeredClient = z.object({
  client_id: z.string(),
  name: z.string(),
  scopes: z.string(),
  client_secret: z.string(),
  created: moment,
  updated: moment,
  redirect_uris: z.string(),
  token: z.string().optional(),
})
