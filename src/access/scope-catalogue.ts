/** What a scope is about, and who may hold it: users and their OAuth clients, users alone, or users with a permission. */
const holders = {
  profile: 'clients',
  libraries: 'clients',
  edits: 'clients',
  follows: 'clients',
  favorites: 'clients',
  filters: 'clients',
  listenings: 'clients',
  radios: 'clients',
  playlists: 'clients',
  notifications: 'clients',
  reports: 'clients',
  security: 'users',
  plugins: 'users',
  'instance:settings': 'mayManageSettings',
  'instance:users': 'mayManageSettings',
  'instance:invitations': 'mayManageSettings',
  'instance:edits': 'mayManageLibrary',
  'instance:libraries': 'mayManageLibrary',
  'instance:policies': 'mayModerate',
  'instance:accounts': 'mayModerate',
  'instance:domains': 'mayModerate',
  'instance:reports': 'mayModerate',
  'instance:requests': 'mayModerate',
  'instance:notes': 'mayModerate',
} as const

type Base = keyof typeof holders
type Verb = 'read' | 'write'

/** Leaves no parent covers: clients hold them only if they ask by name. `profile` is who the user is, without e-mail address. */
const byNameOnly = ['profile', 'read:applications', 'write:applications'] as const

/** The smallest thing that can be allowed, and what routes ask for. */
export type Leaf = `${Verb}:${Base}` | (typeof byNameOnly)[number]

/** What Mastodon clients call things, and names they send that give nothing here. */
const mastodonNames = {
  'read:accounts': ['read:profile'],
  'read:blocks': ['read:filters'],
  'read:bookmarks': [],
  'read:collections': ['read:playlists'],
  'read:custom_emojis': [],
  'read:favourites': ['read:favorites'],
  'read:lists': ['read:playlists'],
  'read:mutes': ['read:filters'],
  'read:search': ['read:libraries'],
  'read:statuses': ['read:listenings'],
  'write:accounts': ['write:profile'],
  'write:blocks': ['write:filters'],
  'write:bookmarks': [],
  'write:collections': ['write:playlists'],
  'write:conversations': [],
  'write:favourites': ['write:favorites'],
  'write:lists': ['write:playlists'],
  'write:media': ['write:libraries'],
  'write:mutes': ['write:filters'],
  'write:statuses': ['write:listenings'],
  follow: ['read:follows', 'write:follows', 'read:filters', 'write:filters'],
  push: [],
  crypto: [],
} as const satisfies Record<string, readonly Leaf[]>

/** Asked for by many clients, whatever they do; accepted, and never in a token. */
const adminTopics = [
  'accounts',
  'reports',
  'domain_allows',
  'domain_blocks',
  'ip_blocks',
  'email_domain_blocks',
  'canonical_email_blocks',
] as const

type AdminName = 'admin' | `admin:${Verb}` | `admin:${Verb}:${(typeof adminTopics)[number]}`

/** A name that clients may register and ask for. */
export type ScopeName = Verb | Leaf | keyof typeof mastodonNames | AdminName

interface ScopeDescription {
  /** What the name stands for; empty = accepted, gives nothing. */
  leaves: readonly Leaf[]
  /** False = never in a token, not even as a name that gives nothing. */
  mayBeGranted: boolean
}

type Holder = (typeof holders)[Base]

const entries = Object.entries(holders) as [Base, Holder][]
export const bases: readonly Base[] = entries.map(([base]) => base)

/** Read and write of everything that is open to this kind of holder. */
export function leavesHeldBy(holder: Holder): readonly Leaf[] {
  return entries.filter(([, held]) => held === holder).flatMap(([base]) => [`read:${base}`, `write:${base}`] as const)
}

/** All an OAuth client can ever hold, whatever the user may do. */
export const clientLeaves: readonly Leaf[] = [...leavesHeldBy('clients'), ...byNameOnly]

/** What anybody may read where the pod is open. */
export const anonymousLeaves: readonly Leaf[] = [
  'read:libraries',
  'read:edits',
  'read:favorites',
  'read:listenings',
  'read:radios',
  'read:playlists',
]

function leavesOfVerb(verb: Verb): readonly Leaf[] {
  return bases.map((base) => `${verb}:${base}` as const)
}

const leaves: ReadonlySet<string> = new Set([...leavesOfVerb('read'), ...leavesOfVerb('write'), ...byNameOnly])

const catalogue: ReadonlyMap<string, ScopeDescription> = new Map([
  ...describeAll({ read: leavesOfVerb('read'), write: leavesOfVerb('write') }, true),
  ...describeAll(Object.fromEntries([...leaves].map((leaf) => [leaf, [leaf as Leaf]])), true),
  ...describeAll(mastodonNames, true),
  ...describeAll(Object.fromEntries(adminNames().map((name) => [name, []])), false),
])

function adminNames(): AdminName[] {
  const ofVerb = (verb: Verb) => [
    `admin:${verb}` as const,
    ...adminTopics.map((topic) => `admin:${verb}:${topic}` as const),
  ]
  return ['admin', ...ofVerb('read'), ...ofVerb('write')]
}

function describeAll(names: Record<string, readonly Leaf[]>, mayBeGranted: boolean): [string, ScopeDescription][] {
  return Object.entries(names).map(([name, stands]) => [name, { leaves: stands, mayBeGranted }])
}

/** What a name of either vocabulary, Funkwhale's or Mastodon's, stands for. */
export function describeScope(name: string): ScopeDescription | undefined {
  return catalogue.get(name)
}

export function isKnownScope(name: string): name is ScopeName {
  return catalogue.has(name)
}

export function isLeaf(text: string): text is Leaf {
  return leaves.has(text)
}

/** Names that give an OAuth client something, in both vocabularies. */
export const supportedScopes: readonly string[] = [...catalogue.keys()].filter((name) =>
  catalogue.get(name)?.leaves.some((leaf) => clientLeaves.includes(leaf)),
)
