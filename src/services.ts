import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SecurityTrail } from './audit/security-trail.ts'
import type { TokenUsage } from './audit/token-usage.ts'
import type { UserActivity } from './audit/user-activity.ts'
import type { Config } from './config.ts'
import type { DatabaseClient } from './db/database.ts'
import type { Client } from './db/generated/client.ts'
import type { ListCounts } from './db/list-counts.ts'
import type { PodSecrets } from './db/pod-secrets.ts'
import type { CookieRules } from './http/cookies.ts'
import type { Csrf } from './http/csrf.ts'
import type { Pages } from './http/pages.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { PasswordHasher } from './lib/password-hasher.ts'
import type { Mailer } from './mail/mailer.ts'
import type { Maintenance } from './maintenance/maintenance.ts'
import type { AudioReader } from './media/audio/audio-reader.ts'
import type { MediaFiles } from './media/media-files.ts'
import type { MediaUsage } from './media/media-usage.ts'
import type { PictureFiles } from './media/picture-files.ts'
import type { Transcoder } from './media/transcoding/transcoder.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Settings } from './settings/settings.ts'
import type { RateLimits } from './throttling.ts'

/** What features are handed. */
export interface Services {
  config: Config
  db: DatabaseClient
  podSecrets: PodSecrets
  cookies: CookieRules
  csrf: Csrf
  hasher: PasswordHasher
  mailer: Mailer
  pages: Pages
  settings: Settings
  trail: SecurityTrail
  usage: TokenUsage
  activity: UserActivity
  pictures: PictureFiles
  media: MediaFiles
  mediaUsage: MediaUsage
  transcoder: Transcoder
  audio: AudioReader
  jobs: JobQueue
  maintenance: Maintenance
  readiness: Readiness
  /** Undefined = nobody reads any. */
  metrics: Metrics | undefined
  counts: ListCounts
  clients: KnownClients
  rateLimits: RateLimits
  guesses: GuessLimits
  sudo: Sudo
}

/** The clients that are registered. */
export interface KnownClients {
  /** By `client_id`; mostly without asking the database. */
  find(clientId: string): Promise<Client | undefined>
}

/** Whether requests should be sent to this pod. */
export interface Readiness {
  /** @throws Problem `unavailable` that says why not */
  require(): Promise<void>
  /** From now on it is not: the pod is closing. */
  close(): void
}

/** What is dangerous asks for the password again, unless the browser gave it in the last ten minutes. */
export interface Sudo {
  isFresh(request: FastifyRequest): boolean
  /** @throws Problem `invalid` naming `field` */
  require(request: FastifyRequest, given: { password: string | undefined; field: string }): Promise<void>
}

/**
 * How often somebody may be wrong about a secret, whichever door it is tried at. Looks at nothing costly beyond the limit.
 * All throw Problem `throttled`.
 */
export interface GuessLimits {
  /** @param verify finds whose name and password these are */
  login<User>(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    verify: () => Promise<User | undefined>,
  ): Promise<User | undefined>
  /** For the password of a user who is signed in. */
  password(userId: number, verify: () => Promise<boolean>): Promise<boolean>
  /** @param verify finds the client that has proved itself */
  clientSecret<Client>(
    request: FastifyRequest,
    clientId: string,
    verify: () => Promise<Client | undefined>,
  ): Promise<Client | undefined>
  /** Writes what is to outlive a restart. */
  flush(): Promise<void>
}

/** Routes or pages of one feature; `app.ts` gives them their prefix. */
export type Routes = FastifyPluginAsyncZod<{ services: Services }>
