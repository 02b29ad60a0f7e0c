import { z } from 'zod'

interface Entry<Value> {
  default: Value
  /** Shown to everybody; others only to who may manage settings. */
  isPublic: boolean
  schema: z.ZodType<Value>
  label: string
  help: string
}

function entry<Value>(schema: z.ZodType<Value>, given: Omit<Entry<Value>, 'schema' | 'isPublic'>): Entry<Value> {
  return { schema, isPublic: true, ...given }
}

const yesNo = (given: Omit<Entry<boolean>, 'schema' | 'isPublic'>) => entry(z.boolean(), given)
const line = (given: Omit<Entry<string>, 'schema' | 'isPublic'>) => entry(z.string().max(500), given)
const text = (given: Omit<Entry<string>, 'schema' | 'isPublic'>) => entry(z.string().max(50_000), given)
const number = (given: Omit<Entry<number>, 'schema' | 'isPublic'>) =>
  entry(
    z
      .number()
      .int()
      .min(0)
      .max(2 ** 31 - 1),
    given,
  )
const privately = <Value>(of: Entry<Value>): Entry<Value> => ({ ...of, isPublic: false })

const permissions = z.array(z.enum(['moderation', 'library', 'settings']))
const reportTypes = z.array(
  z.enum(['takedown_request', 'invalid_metadata', 'illegal_content', 'offensive_content', 'other']),
)

/**
 * The settings of a pod that its people can change while it runs, as clients of the Funkwhale API know them. Settings of
 * features that this pod does not have keep their default.
 */
export const catalogue = {
  audio__channels_enabled: privately(
    yesNo({ default: false, label: 'Channels', help: 'Whether people may publish channels.' }),
  ),
  audio__max_channels: number({
    default: 20,
    label: 'Channels per person',
    help: 'How many channels one person may have.',
  }),
  common__api_authentication_required: privately(
    yesNo({
      default: true,
      label: 'API needs authentication',
      help: 'Whether the catalogue is closed to people without an account. API_AUTHENTICATION_REQUIRED says what it starts with.',
    }),
  ),
  federation__actor_fetch_delay: privately(
    number({
      default: 720,
      label: 'Actor fetch delay',
      help: 'Minutes before people of other pods are looked up again.',
    }),
  ),
  federation__collection_page_size: privately(
    number({ default: 50, label: 'Collection page size', help: 'Items on a page of a federated collection.' }),
  ),
  federation__enabled: privately(
    yesNo({ default: false, label: 'Federation', help: 'Whether the pod talks to other pods.' }),
  ),
  federation__music_cache_duration: number({
    default: 2880,
    label: 'Music cache duration',
    help: 'Minutes for which audio from other pods is kept.',
  }),
  federation__public_index: yesNo({
    default: false,
    label: 'Public index',
    help: 'Whether everybody may list what is public here.',
  }),
  instance__banner: entry(z.null(), { default: null, label: 'Banner', help: 'Not offered by this pod.' }),
  instance__contact_email: line({
    default: '',
    label: 'Contact e-mail',
    help: 'Where people reach who runs this pod.',
  }),
  instance__funkwhale_support_message_enabled: yesNo({
    default: false,
    label: 'Support message of the software',
    help: 'Whether clients show it.',
  }),
  instance__location: line({ default: '', label: 'Location', help: 'Country code of where the pod is.' }),
  instance__long_description: text({
    default: '',
    label: 'Long description',
    help: 'What this pod is about, in Markdown.',
  }),
  instance__name: line({ default: '', label: 'Name', help: 'Shown on pages and in mails; empty = the host name.' }),
  instance__nodeinfo_private: privately(
    yesNo({ default: false, label: 'Private nodeinfo', help: 'Asks directories not to list the pod.' }),
  ),
  instance__nodeinfo_stats_enabled: privately(
    yesNo({ default: true, label: 'Statistics', help: 'Whether nodeinfo counts users and music.' }),
  ),
  instance__rules: text({ default: '', label: 'Rules', help: 'What people here agree to, in Markdown.' }),
  instance__short_description: line({ default: '', label: 'Short description', help: 'One sentence about the pod.' }),
  instance__support_message: text({
    default: '',
    label: 'Support message',
    help: 'How people can help to run the pod, in Markdown.',
  }),
  instance__terms: text({ default: '', label: 'Terms', help: 'Terms of service, in Markdown.' }),
  moderation__allow_list_enabled: privately(
    yesNo({ default: false, label: 'Allow list', help: 'Whether only listed pods are talked to.' }),
  ),
  moderation__allow_list_public: privately(
    yesNo({ default: false, label: 'Public allow list', help: 'Whether everybody may read the list.' }),
  ),
  moderation__languages: entry(z.array(z.string().max(10)).max(100), {
    default: ['en'],
    label: 'Languages',
    help: 'What the moderators speak.',
  }),
  moderation__signup_approval_enabled: yesNo({
    default: false,
    label: 'Sign-ups need approval',
    help: 'Not offered by this pod.',
  }),
  moderation__signup_form_customization: entry(z.record(z.string(), z.unknown()), {
    default: {},
    label: 'Sign-up form',
    help: 'Not offered by this pod.',
  }),
  moderation__unauthenticated_report_types: entry(reportTypes, {
    default: ['takedown_request', 'illegal_content'],
    label: 'Reports without account',
    help: 'What may be reported without an account.',
  }),
  music__only_allow_musicbrainz_tagged_files: yesNo({
    default: false,
    label: 'Only tagged files',
    help: 'Whether uploads need MusicBrainz tags.',
  }),
  music__musicbrainz_genre_update: yesNo({
    default: true,
    label: 'Genres of MusicBrainz',
    help: 'Whether genres are looked up.',
  }),
  music__sync_musicbrainz_tags: yesNo({
    default: false,
    label: 'Tags of MusicBrainz',
    help: 'Whether tags are looked up.',
  }),
  music__transcoding_cache_duration: number({
    default: 10_080,
    label: 'Transcoding cache duration',
    help: 'Minutes for which transcoded audio is kept.',
  }),
  music__transcoding_enabled: yesNo({
    default: true,
    label: 'Transcoding',
    help: 'Whether audio is converted on demand.',
  }),
  playlists__max_tracks: number({ default: 250, label: 'Tracks per playlist', help: 'How long a playlist may get.' }),
  subsonic__enabled: yesNo({ default: false, label: 'Subsonic API', help: 'Not offered by this pod.' }),
  ui__custom_css: text({ default: '', label: 'Custom style sheet', help: 'For clients that apply it.' }),
  users__default_permissions: entry(permissions, {
    default: [],
    label: 'Default permissions',
    help: 'What everybody with an account may do.',
  }),
  users__registration_enabled: yesNo({
    default: false,
    label: 'Open registration',
    help: 'Whether people may sign up without an invitation.',
  }),
  users__upload_quota: number({ default: 1000, label: 'Upload quota', help: 'Megabytes one person may upload.' }),
} satisfies Record<string, Entry<never> | Entry<boolean> | Entry<string> | Entry<number> | Entry<unknown[]> | object>

export type SettingName = keyof typeof catalogue

export type SettingValues = { [Name in SettingName]: z.output<(typeof catalogue)[Name]['schema']> }
