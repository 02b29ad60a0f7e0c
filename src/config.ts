import { isIP } from 'node:net'
import { z } from 'zod'
import { parseMailAddress } from './lib/mail-address.ts'
import { parseSmtpUrl } from './lib/smtp-url.ts'
import { type RateSettings, readRates } from './throttling.ts'

const minute = 60
const day = 24 * 60 * minute

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]', '::1'])

function wholeNumber(what: string, { min, max }: { min: number; max: number }) {
  const rule = `must be ${what}, ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,12}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule)
}

const seconds = (min: number, max: number) => wholeNumber('a whole number of seconds', { min, max })

const yesOrNo = z
  .string()
  .regex(/^(true|false|1|0|yes|no|on|off)$/i, 'must be true or false')
  .transform((value) => /^(true|1|yes|on)$/i.test(value))

const host = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name to listen on, like 127.0.0.1, ::1 or 0.0.0.0')

const publicUrl = z.string().superRefine((value, context) => {
  const problem = problemOfPublicUrl(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

function problemOfPublicUrl(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'must be a URL like https://pod.example.org'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'must have no path, query or fragment'
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'must be https unless it is a loopback address'
  return undefined
}

function isLoopback(hostname: string): boolean {
  return loopbackNames.has(hostname) || hostname.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(hostname)
}

const databaseUrl = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol),
    'must be a PostgreSQL URL like postgresql://user:password@host:5432/database',
  )

function isCidr(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

const cidrList = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .refine(
    (items) => items.every(isCidr),
    'must be a comma-separated list of addresses or networks, like 10.0.0.0/8, ::1',
  )

const nameList = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== ''),
)

const smtpUrl = z
  .string()
  .refine(
    (value) => parseSmtpUrl(value) !== undefined,
    'must be like smtp://user:password@mail.example.org:25, smtp+tls://… or smtp+ssl://…',
  )

const mailAddress = z
  .string()
  .refine(
    (value) => parseMailAddress(value) !== undefined,
    'must be like noreply@example.org or Example <noreply@example.org>',
  )

const rates = z.string().transform((value, context) => {
  const read = readRates(value)
  if ('rates' in read) return read.rates
  context.addIssue({ code: 'custom', message: read.problem })
  return z.NEVER
})

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const environment = z.object({
  HOST: host.default('127.0.0.1'),
  PORT: wholeNumber('a port number', { min: 0, max: 65_535 }).default(5000),
  PUBLIC_URL: publicUrl.optional(),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_DIRECT_URL: databaseUrl.optional(),
  DATA_DIR: z.string().default('./data'),
  ACCESS_TOKEN_EXPIRE_SECONDS: seconds(minute, 365 * day).default(36_000),
  // RFC 6749 §4.1.2 recommends ten minutes at most.
  AUTHORIZATION_CODE_EXPIRE_SECONDS: seconds(10, 10 * minute).default(300),
  REFRESH_TOKEN_EXPIRE_SECONDS: seconds(minute, 3650 * day).default(90 * day),
  REFRESH_TOKEN_IDLE_SECONDS: seconds(minute, 3650 * day).default(30 * day),
  REFRESH_TOKEN_GRACE_SECONDS: seconds(0, 10 * minute).default(10),
  ALLOW_HTTP_REDIRECT_URIS: yesOrNo.default(false),
  API_AUTHENTICATION_REQUIRED: yesOrNo.default(true),
  TRUSTED_PROXIES: cidrList.default([]),
  SMTP_URL: smtpUrl.optional(),
  EMAIL_FROM: mailAddress.optional(),
  ACCOUNT_EMAIL_VERIFICATION_ENFORCE: yesOrNo.default(false),
  ACCOUNT_USERNAME_BLACKLIST: nameList.default([]),
  PASSWORD_MIN_LENGTH: wholeNumber('a whole number of characters', { min: 8, max: 64 }).default(8),
  DISABLE_PASSWORD_VALIDATORS: yesOrNo.default(false),
  USERS_INVITATION_EXPIRATION_DAYS: wholeNumber('a whole number of days', { min: 1, max: 3650 }).default(14),
  THROTTLING_ENABLED: yesOrNo.default(true),
  THROTTLING_RATES: rates.prefault(''),
  SECURITY_EVENT_RETENTION_DAYS: wholeNumber('a whole number of days', { min: 1, max: 3650 }).default(180),
  METRICS_HOST: host.default('127.0.0.1'),
  METRICS_PORT: wholeNumber('a port number', { min: 0, max: 65_535 }).optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,300}$/, 'must have 16 to 300 letters, digits and signs, without blanks')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be a URL like http://localhost:4318' })
    .optional(),
  SHUTDOWN_DELAY_SECONDS: seconds(0, 5 * minute).default(0),
  FFMPEG_PATH: z.string().default('ffmpeg'),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
})

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
  /** From the first token of a family; no refresh goes beyond it. */
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
