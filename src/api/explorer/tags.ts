/** The chapters of the document, in the order in which it shows them; a route belongs to the first that fits. */
const chapters: { name: string; description: string; paths: RegExp }[] = [
  {
    name: 'OAuth',
    description: 'Tokens for clients: RFC 6749, 7009, 7591, 7662, 8414, 8628.',
    paths: /^\/(api\/v1\/oauth\/(?!apps|grants)|authorize|\.well-known\/oauth)/,
  },
  { name: 'Applications', description: 'OAuth clients, and what users allowed them.', paths: /^\/api\/v1\/oauth\// },
  {
    name: 'Accounts',
    description: 'Signing up and in, profiles, passwords.',
    paths: /^\/api\/v1\/(users|auth|manage)\b/,
  },
  { name: 'Artists', description: 'Who made the music.', paths: /^\/api\/v1\/artists\b/ },
  { name: 'Albums', description: 'What it came out on.', paths: /^\/api\/v1\/albums\b/ },
  { name: 'Tracks', description: 'The music.', paths: /^\/api\/v1\/(tracks|listen|stream)\b/ },
  {
    name: 'Catalogue',
    description: 'Search, tags, licenses and pictures.',
    paths: /^\/api\/v1\/(search|tags|licenses|attachments)\b/,
  },
  {
    name: 'Libraries and uploads',
    description: 'Audio files, and who may play them.',
    paths: /^\/api\/v1\/(libraries|uploads|federation)\b/,
  },
  { name: 'Favorites', description: 'Tracks that somebody likes.', paths: /^\/api\/v1\/favorites\b/ },
  { name: 'Listenings', description: 'What somebody listened to.', paths: /^\/api\/v1\/(history|activity)\b/ },
  { name: 'Playlists', description: 'Tracks in an order.', paths: /^\/api\/v1\/playlists\b/ },
  {
    name: 'Mastodon',
    description: 'The addresses that clients of Mastodon know.',
    paths: /^\/(oauth\b|api\/v1\/(apps|accounts|notifications|tokens)\b|api\/v[12]\/instance\/?$)/,
  },
  { name: 'Pod', description: 'What this pod is, and how it is.', paths: /./ },
]

export const tags = chapters.map(({ name, description }) => ({ name, description }))

export function tagOf(url: string): string {
  return chapters.find(({ paths }) => paths.test(url))?.name ?? 'Pod'
}
