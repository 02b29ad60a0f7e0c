import { z } from 'zod'
import { pageQuery } from '../../http/pagination.ts'
import { givenRowId } from '../../http/row-ids.ts'
import { moment, orJsonText } from '../../http/wire.ts'
import { findUnstorable } from '../../lib/text.ts'
import { distinctTags, isTagName } from '../../media/audio/tag-names.ts'
import { library } from '../libraries/schemas.ts'
import { findLicense } from '../licenses/licenses.ts'
import { listFilter, nameableUuid, textFilter, uuidFilter, yesNoFilter } from '../listing/parameters.ts'
import { track } from '../tracks/schemas.ts'
import { arrivedAudio } from './audio-intake.ts'

/** An empty field of a form is none. */
const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

const givenUuid = z.guid({ error: 'Must be a valid UUID.' }).toLowerCase()

const line = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => findUnstorable(text) === undefined, 'Control characters are not allowed.')

/** What a client says of a file; each key stands in place of what the file says. */
const importMetadata = z.looseObject({
  title: line(500).trim().min(1),
  description: z.string().max(5000).nullish(),
  mbid: givenUuid.nullish(),
  copyright: line(500).nullish(),
  position: z.coerce.number().int().min(1).max(1_000_000).nullish(),
  tags: z
    .array(z.string().refine(isTagName, 'A tag has letters, digits and underscores.'))
    .transform(distinctTags)
    .optional(),
  license: z
    .string()
    .refine((code) => findLicense(code) !== undefined, 'There is no such license.')
    .nullish(),
  cover: givenUuid.nullish(),
  album: givenRowId.nullish(),
})

export type ImportMetadata = z.output<typeof importMetadata>

/** What has the shape of it; what was stored once is not refused later. */
export const storedImportMetadata = importMetadata.partial().catch({})

export type StoredImportMetadata = z.output<typeof storedImportMetadata>

const givenFields = {
  library: orNothing(givenUuid),
  channel: orNothing(z.string()),
  import_status: orNothing(z.enum(['pending', 'draft'])),
  import_reference: orNothing(line(50)),
  import_metadata: orNothing(orJsonText(importMetadata.nullable())),
  source: z.union([z.null(), z.literal('').transform(() => null), line(500)]).optional(),
}

/** POST and PUT */
export const newUpload = z.object({ audio_file: arrivedAudio, ...givenFields })

/** PATCH */
export const uploadChanges = z.object({ audio_file: arrivedAudio.optional(), ...givenFields })

const filters = {
  q: textFilter,
  library: uuidFilter,
  channel: nameableUuid,
  track: uuidFilter,
  track_artist: uuidFilter,
  album_artist: uuidFilter,
  import_status: listFilter,
  'import_status[]': listFilter,
  import_reference: textFilter,
  mimetype: textFilter,
  playable: yesNoFilter,
  scope: textFilter,
}

export const uploadFilters = z.object(filters)

export const uploadQuery = pageQuery.extend({ ...filters, ordering: textFilter })

const filterText = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const nothing = z.null().transform(() => undefined)

/** In JSON, numbers and booleans count as the text that a query has: a filter that is passed over lets everything through. */
const givenFilters = z
  .record(z.string(), z.union([filterText, z.array(filterText), nothing]))
  .transform((texts) => texts as z.input<typeof uploadFilters>)
  .pipe(uploadFilters)

export const uploadAction = z.object({
  action: z.enum(['delete', 'relaunch_import', 'publish']),
  objects: z.preprocess(
    (value) => (typeof value === 'string' && value !== 'all' ? [value] : value),
    z.union([z.literal('all'), z.array(givenUuid).min(1).max(10_000)]),
  ),
  filters: orJsonText(givenFilters.nullable()).optional(),
})

export const actionResult = z.object({
  updated: z.number().int(),
  action: z.string(),
  result: z.tuple([z.number().int(), z.record(z.string(), z.number().int())]).nullable(),
})

const anything = z.record(z.string(), z.unknown())

export const upload = z.object({
  uuid: z.string(),
  /** Absent until the track is known. */
  filename: z.string().optional(),
  creation_date: moment,
  mimetype: z.string().nullable(),
  track: track.nullable(),
  library,
  /** Seconds. */
  duration: z.number().int().nullable(),
  /** Bits per second. */
  bitrate: z.number().int().nullable(),
  /** Bytes. */
  size: z.number().int().nullable(),
  import_date: moment.nullable(),
  import_status: z.string(),
  import_details: anything,
  import_metadata: anything,
  import_reference: z.string(),
  metadata: anything,
  source: z.string().nullable(),
})

export type UploadOnWire = z.output<typeof upload>

const fileArtist = z.object({ name: z.string(), mbid: z.string().nullable() })

/** What a file says of itself; keys are absent where it says nothing. */
export const fileMetadata = z.object({
  title: z.string().optional(),
  position: z.number().int().optional(),
  disc_number: z.number().int().optional(),
  copyright: z.string().optional(),
  license: z.string().optional(),
  mbid: z.string().optional(),
  tags: z.array(z.string()).optional(),
  description: z.object({ text: z.string(), content_type: z.string() }).optional(),
  artists: z.array(fileArtist).optional(),
  album: z.object({
    title: z.string(),
    mbid: z.string().nullable(),
    release_date: z.string().nullable(),
    artists: z.array(fileArtist),
    cover_data: z
      .object({ mimetype: z.string(), content: z.string(), description: z.string(), type: z.number().int() })
      .nullable(),
  }),
})
