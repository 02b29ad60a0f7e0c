import { pruneLoginFailures } from './access/rate-limits/login-failures.ts'
import { pruneOneTimeTokens } from './accounts/one-time-tokens.ts'
import { pruneSessions } from './accounts/sessions.ts'
import { pruneSecurityEvents } from './audit/security-trail.ts'
import type { Config } from './config.ts'
import type { DatabaseClient } from './db/database.ts'
import type { PodSecrets } from './db/pod-secrets.ts'
import { forgetFailedJobs } from './jobs/job-table.ts'
import { forgetOldMails } from './mail/queue.ts'
import { inBatches } from './maintenance/batches.ts'
import { dayMs, hourMs, type Task } from './maintenance/maintenance.ts'
import { pruneAttachments } from './media/attachments.ts'
import type { MediaFiles } from './media/media-files.ts'
import type { PictureFiles } from './media/picture-files.ts'
import { evictTranscodedFiles, removeOrphanFiles } from './media/sweep.ts'
import { pruneCodes } from './oauth/authorization/codes.ts'
import { pruneRequests } from './oauth/authorization/consent-requests.ts'
import { pruneDeviceAuthorizations } from './oauth/device/device-authorizations.ts'
import { pruneGrants } from './oauth/grants/grants.ts'
import { pruneTokens } from './oauth/tokens/prune.ts'
import type { Settings } from './settings/settings.ts'

interface Needed {
  podSecrets: Pick<PodSecrets, 'listen'>
  settings: Pick<Settings, 'get'>
  media: MediaFiles
  db: DatabaseClient
  config: Pick<Config, 'securityEventRetentionDays'>
  pictures: PictureFiles
}

/** What a pod clears away by itself (S92). Tokens before codes, and both before grants: each keeps the next. */
export function maintenanceTasks({ db, config, podSecrets, settings, media, pictures }: Needed): Task[] {
  return [
    { name: 'tokens', everyMs: dayMs, run: (round) => pruneTokens(db, round) },
    { name: 'authorization-codes', everyMs: dayMs, run: (round) => pruneCodes(db, round) },
    { name: 'grants', everyMs: dayMs, run: (round) => pruneGrants(db, round) },
    { name: 'authorization-requests', everyMs: hourMs, run: (round) => pruneRequests(db, round) },
    { name: 'device-authorizations', everyMs: hourMs, run: (round) => pruneDeviceAuthorizations(db, round) },
    { name: 'sessions', everyMs: hourMs, run: (round) => pruneSessions(db, round) },
    { name: 'one-time-tokens', everyMs: hourMs, run: (round) => pruneOneTimeTokens(db, round) },
    { name: 'login-failures', everyMs: hourMs, run: (round) => pruneLoginFailures(db, round) },
    { name: 'jobs', everyMs: hourMs, run: (round) => forgetFailedJobs(db, round) },
    { name: 'mails', everyMs: hourMs, run: (round) => forgetOldMails(db, round) },
    {
      name: 'security-events',
      everyMs: dayMs,
      run: (round) => pruneSecurityEvents(db, config.securityEventRetentionDays, round),
    },
    {
      name: 'attachments',
      everyMs: hourMs,
      run: (round) => inBatches(round, () => pruneAttachments(db, pictures, round.now)),
    },
    {
      name: 'transcoded-files',
      everyMs: hourMs,
      run: (round) => {
        const keptMinutes = settings.get('music__transcoding_cache_duration')
        return evictTranscodedFiles(db, media, { ...round, keptMinutes })
      },
    },
    {
      name: 'orphan-files',
      everyMs: dayMs,
      run: (round) => removeOrphanFiles(db, { media, pictures }, { ...round, podKey: podSecrets.listen }),
    },
  ]
}
