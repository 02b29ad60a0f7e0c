import { isIP } from 'node:net'
import { z } from 'zod'
import { parseMailAddress } from './lib/mail-address.ts'
import { parseSmtpUrl } from './lib/smtp-url.ts'
import { readRates } from './throttling.ts'

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

/** @returns what a public URL has to be, if this is none */
export function problemOfPublicUrl(value: string): string | undefined {
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

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Every variable, as it is once it was read. An absent one has its fallback, or is undefined. */
export const environment = z.object({
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
