import { z } from 'zod'

const total = z.object({ total: z.number().int() })

const nodeinfo = z.object({
  version: z.string(),
  software: z.object({ name: z.string(), version: z.string() }),
  protocols: z.array(z.string()),
  services: z.object({ inbound: z.array(z.string()), outbound: z.array(z.string()) }),
  openRegistrations: z.boolean(),
})

const users = z.object({
  total: z.number().int(),
  activeHalfyear: z.number().int(),
  activeMonth: z.number().int(),
})

const metadata = z.object({
  actorId: z.string(),
  private: z.boolean(),
  shortDescription: z.string(),
  longDescription: z.string(),
  contactEmail: z.string(),
  nodeName: z.string(),
  banner: z.string().nullable(),
  defaultUploadQuota: z.number(),
  supportedUploadExtensions: z.array(z.string()),
  allowList: z.object({ enabled: z.boolean(), domains: z.array(z.string()).nullable() }),
  funkwhaleSupportMessageEnabled: z.boolean(),
  instanceSupportMessage: z.string(),
  usage: z.object({ favorites: z.object({ tracks: total }), listenings: total, downloads: total }).nullable(),
  upstream: z.object({ name: z.string() }),
})

export const nodeinfo20 = nodeinfo.extend({
  usage: z.object({ users }),
  metadata: metadata.extend({
    library: z.object({
      federationEnabled: z.boolean(),
      anonymousCanListen: z.boolean(),
      tracks: total,
      artists: total,
      albums: total,
      music: z.object({ hours: z.number() }),
    }),
    reportTypes: z.array(z.object({ type: z.string(), label: z.string(), anonymous: z.boolean() })),
    endpoints: z.object({
      knownNodes: z.string().nullable(),
      channels: z.string().nullable(),
      libraries: z.string().nullable(),
    }),
    rules: z.string(),
    terms: z.string(),
  }),
})

const category = z.object({ name: z.string(), count: z.number().int() })

export const nodeinfo21 = nodeinfo.extend({
  software: nodeinfo.shape.software.extend({ repository: z.string().optional(), homepage: z.string().optional() }),
  usage: z.object({ users, localPosts: z.number().int(), localComments: z.number().int() }),
  metadata: metadata.extend({
    location: z.string(),
    languages: z.array(z.string()),
    content: z.object({
      local: z.object({
        artists: z.number().int(),
        releases: z.number().int(),
        recordings: z.number().int(),
        hoursOfContent: z.number(),
      }),
      topMusicCategories: z.array(category),
      topPodcastCategories: z.array(category),
    }),
    features: z.array(z.string()),
    codeOfConduct: z.string(),
  }),
})

export const nodeinfoLinks = z.object({ links: z.array(z.object({ rel: z.string(), href: z.string() })) })
