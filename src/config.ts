import { isIP } from 'node:net'
import type { z } from 'zod'
import { environment, type logLevels, problemOfPublicUrl } from './environment.ts'
import type { RateSettings } from './throttling.ts'

/** What the environment says, checked. Durations are in seconds. */
export interface Config {
  host: string
  /** 0 = any free port. */
  port: number
  /** Issuer and base of every link; no trailing slash. */
  publicUrl: string
  /** Undefined = the embedded database under `dataDir`. */
  databaseUrl: string | undefined
  /** The same database without a pooler in between, for migrations and notifications. */
  databaseDirectUrl: string | undefined
  dataDir: string
  accessTokenExpireSeconds: number
  authorizationCodeExpireSeconds: number
  /** From the first token of a family; none of its tokens goes beyond it. */
  refreshTokenExpireSeconds: number
  /** From the latest refresh. */
  refreshTokenIdleSeconds: number
  /** How long a refresh whose answer was lost may be repeated; 0 = never. */
  refreshTokenGraceSeconds: number
  allowHttpRedirectUris: boolean
  apiAuthenticationRequired: boolean
  /** Addresses and networks whose X-Forwarded-* headers count. */
  trustedProxies: string[]
  /** Undefined = mails are written to files under `dataDir`. */
  smtpUrl: string | undefined
  /** An address, or a name and an address. */
  emailFrom: string
  /** Whether nobody may log in before having confirmed an e-mail address. */
  accountEmailVerificationEnforce: boolean
  /** Lower-cased; beyond those that are never given away. */
  accountUsernameBlacklist: string[]
  passwordMinLength: number
  disablePasswordValidators: boolean
  usersInvitationExpirationDays: number
  throttlingEnabled: boolean
  /** Rate of every throttle scope. */
  throttlingRates: RateSettings
  /** How long users can look up what happened to their account. */
  securityEventRetentionDays: number
  metricsHost: string
  /** Undefined = metrics have no address of their own. */
  metricsPort: number | undefined
  /** Undefined = nobody can read metrics beside the API. */
  metricsToken: string | undefined
  /** Where traces go; undefined = there are none. */
  otelEndpoint: string | undefined
  /** From the signal to end until no more requests are taken; the pod says meanwhile that it is not ready. */
  shutdownDelaySeconds: number
  /** Converts audio, if it is there; a name is looked for in PATH. */
  ffmpegPath: string
  logLevel: (typeof logLevels)[number]
}

/** The environment is wrong. The message names every bad variable and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Checks the environment. An empty variable counts as unset.
 * @throws ConfigError naming every variable that is wrong.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.entries(env).map(([name, value]) => [name, value?.trim()])
  const checked = environment.safeParse(Object.fromEntries(given.filter(([, value]) => value !== '')))
  if (!checked.success) throw new ConfigError(describeIssues(checked.error.issues))
  const values = checked.data
  const issuer = values.PUBLIC_URL ?? defaultPublicUrl(values.HOST, values.PORT)
  if (problemOfPublicUrl(issuer) !== undefined) {
    throw new ConfigError(
      describeProblems([['PUBLIC_URL', 'must be set, to an https URL, when HOST is not a loopback address']]),
    )
  }
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: new URL(issuer).origin,
    databaseUrl: values.DATABASE_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL,
    dataDir: values.DATA_DIR,
    accessTokenExpireSeconds: values.ACCESS_TOKEN_EXPIRE_SECONDS,
    authorizationCodeExpireSeconds: values.AUTHORIZATION_CODE_EXPIRE_SECONDS,
    refreshTokenExpireSeconds: values.REFRESH_TOKEN_EXPIRE_SECONDS,
    refreshTokenIdleSeconds: values.REFRESH_TOKEN_IDLE_SECONDS,
    refreshTokenGraceSeconds: values.REFRESH_TOKEN_GRACE_SECONDS,
    allowHttpRedirectUris: values.ALLOW_HTTP_REDIRECT_URIS,
    apiAuthenticationRequired: values.API_AUTHENTICATION_REQUIRED,
    trustedProxies: values.TRUSTED_PROXIES,
    smtpUrl: values.SMTP_URL,
    emailFrom: values.EMAIL_FROM ?? defaultSender(issuer),
    accountEmailVerificationEnforce: values.ACCOUNT_EMAIL_VERIFICATION_ENFORCE,
    accountUsernameBlacklist: values.ACCOUNT_USERNAME_BLACKLIST,
    passwordMinLength: values.PASSWORD_MIN_LENGTH,
    disablePasswordValidators: values.DISABLE_PASSWORD_VALIDATORS,
    usersInvitationExpirationDays: values.USERS_INVITATION_EXPIRATION_DAYS,
    throttlingEnabled: values.THROTTLING_ENABLED,
    throttlingRates: values.THROTTLING_RATES,
    securityEventRetentionDays: values.SECURITY_EVENT_RETENTION_DAYS,
    metricsHost: values.METRICS_HOST,
    metricsPort: values.METRICS_PORT,
    metricsToken: values.METRICS_TOKEN,
    otelEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    shutdownDelaySeconds: values.SHUTDOWN_DELAY_SECONDS,
    ffmpegPath: values.FFMPEG_PATH,
    logLevel: values.LOG_LEVEL,
  }
}

/** A pod that listens everywhere is reached, until PUBLIC_URL says better, on this machine. */
function defaultPublicUrl(listenHost: string, port: number): string {
  const name = listenHost === '0.0.0.0' || listenHost === '::' ? '127.0.0.1' : listenHost
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Mail programs take no bare IP address for a domain. */
function defaultSender(publicUrl: string): string {
  const { hostname } = new URL(publicUrl)
  return `noreply@${hostname.startsWith('[') || isIP(hostname) !== 0 ? 'localhost' : hostname}`
}

function describeIssues(issues: z.core.$ZodIssue[]): string {
  return describeProblems(new Map(issues.map((issue) => [String(issue.path[0]), issue.message])))
}

function describeProblems(problems: Iterable<[string, string]>): string {
  const list = [...problems].map(([name, message]) => `  ${name}: ${message}`)
  return ['The server cannot start; fix these environment variables:', ...list].join('\n')
}
