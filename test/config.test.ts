import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Config, ConfigError, readConfig } from '../src/config.ts'
import { environment } from '../src/environment.ts'

interface Variable {
  field: keyof Config
  fallback: unknown
  good: [string, unknown][]
  bad: string[]
}

const seconds = (field: keyof Config, fallback: number, [least, most]: [number, number]): Variable => ({
  field,
  fallback,
  good: [
    [String(least), least],
    [String(most), most],
  ],
  bad: [String(least - 1), String(most + 1), '1.5', '1e3', '60s', 'ten'],
})

const flag = (field: keyof Config, fallback: boolean): Variable => ({
  field,
  fallback,
  good: [
    ...['true', '1', 'yes', 'on', 'TRUE'].map((text): [string, unknown] => [text, true]),
    ...['false', '0', 'no', 'off', 'False'].map((text): [string, unknown] => [text, false]),
  ],
  bad: ['maybe', '2', 'truthy'],
})

const day = 86_400

const variables: Record<string, Variable> = {
  HOST: {
    field: 'host',
    fallback: '127.0.0.1',
    good: [
      ['::1', '::1'],
      ['localhost', 'localhost'],
    ],
    bad: ['http://127.0.0.1', 'a b', '127.0.0.1/8'],
  },
  PORT: {
    field: 'port',
    fallback: 5000,
    good: [
      ['0', 0],
      ['65535', 65_535],
    ],
    bad: ['65536', '-1', '80a', '8e1'],
  },
  PUBLIC_URL: {
    field: 'publicUrl',
    fallback: 'http://127.0.0.1:5000',
    good: [
      ['https://pod.example.org', 'https://pod.example.org'],
      ['https://pod.example.org/', 'https://pod.example.org'],
      ['HTTPS://Pod.Example.org:443', 'https://pod.example.org'],
      ['http://localhost:8080', 'http://localhost:8080'],
      ['http://pod.localhost', 'http://pod.localhost'],
      ['http://[::1]:5000', 'http://[::1]:5000'],
    ],
    bad: [
      'pod.example.org',
      'http://pod.example.org',
      'http://127.0.0.1.example.org',
      'ftp://pod.example.org',
      'https://user@pod.example.org',
      'https://pod.example.org/music',
      'https://pod.example.org?x=1',
      'https://pod.example.org#x',
    ],
  },
  DATABASE_URL: {
    field: 'databaseUrl',
    fallback: undefined,
    good: [
      ['postgresql://baleen:pw@db.example:5432/baleen', 'postgresql://baleen:pw@db.example:5432/baleen'],
      ['postgres://localhost/baleen', 'postgres://localhost/baleen'],
    ],
    bad: ['mysql://localhost/baleen', 'localhost:5432', 'db'],
  },
  DATABASE_DIRECT_URL: {
    field: 'databaseDirectUrl',
    fallback: undefined,
    good: [['postgresql://db.example:5433/baleen', 'postgresql://db.example:5433/baleen']],
    bad: ['db.example:5433'],
  },
  DATA_DIR: { field: 'dataDir', fallback: './data', good: [['/var/lib/baleen', '/var/lib/baleen']], bad: [] },
  ACCESS_TOKEN_EXPIRE_SECONDS: seconds('accessTokenExpireSeconds', 36_000, [60, 365 * day]),
  AUTHORIZATION_CODE_EXPIRE_SECONDS: seconds('authorizationCodeExpireSeconds', 300, [10, 600]),
  REFRESH_TOKEN_EXPIRE_SECONDS: seconds('refreshTokenExpireSeconds', 90 * day, [60, 3650 * day]),
  REFRESH_TOKEN_IDLE_SECONDS: seconds('refreshTokenIdleSeconds', 30 * day, [60, 3650 * day]),
  REFRESH_TOKEN_GRACE_SECONDS: seconds('refreshTokenGraceSeconds', 10, [0, 600]),
  ALLOW_HTTP_REDIRECT_URIS: flag('allowHttpRedirectUris', false),
  API_AUTHENTICATION_REQUIRED: flag('apiAuthenticationRequired', true),
  TRUSTED_PROXIES: {
    field: 'trustedProxies',
    fallback: [],
    good: [
      ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
      ['192.0.2.1,', ['192.0.2.1']],
    ],
    bad: ['loopback', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '2', 'true'],
  },
  FFMPEG_PATH: {
    field: 'ffmpegPath',
    fallback: 'ffmpeg',
    good: [['/opt/ffmpeg/bin/ffmpeg', '/opt/ffmpeg/bin/ffmpeg']],
    bad: [],
  },
  LOG_LEVEL: {
    field: 'logLevel',
    fallback: 'info',
    good: [
      ['debug', 'debug'],
      ['silent', 'silent'],
    ],
    bad: ['verbose', 'INFO'],
  },
  SMTP_URL: {
    field: 'smtpUrl',
    fallback: undefined,
    good: [['smtp+tls://user:pw@mail.example', 'smtp+tls://user:pw@mail.example']],
    bad: ['mail.example', 'http://mail.example', 'smtp://'],
  },
  EMAIL_FROM: {
    field: 'emailFrom',
    fallback: 'noreply@localhost',
    good: [['Pod <pod@example.org>', 'Pod <pod@example.org>']],
    bad: ['nobody', 'a@b, c@d'],
  },
  ACCOUNT_EMAIL_VERIFICATION_ENFORCE: flag('accountEmailVerificationEnforce', false),
  ACCOUNT_USERNAME_BLACKLIST: {
    field: 'accountUsernameBlacklist',
    fallback: [],
    good: [['Root, admin', ['root', 'admin']]],
    bad: [],
  },
  PASSWORD_MIN_LENGTH: seconds('passwordMinLength', 8, [8, 64]),
  DISABLE_PASSWORD_VALIDATORS: flag('disablePasswordValidators', false),
  USERS_INVITATION_EXPIRATION_DAYS: seconds('usersInvitationExpirationDays', 14, [1, 3650]),
  METRICS_HOST: {
    field: 'metricsHost',
    fallback: '127.0.0.1',
    good: [['0.0.0.0', '0.0.0.0']],
    bad: ['http://127.0.0.1', '10.0.0.1/8'],
  },
  METRICS_PORT: {
    field: 'metricsPort',
    fallback: undefined,
    good: [['9464', 9464]],
    bad: ['-1', '65536', 'http'],
  },
  METRICS_TOKEN: {
    field: 'metricsToken',
    fallback: undefined,
    good: [['0123456789abcdef', '0123456789abcdef']],
    bad: ['0123456789abcde', '0123456789 abcdef'],
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    field: 'otelEndpoint',
    fallback: undefined,
    good: [['http://localhost:4318', 'http://localhost:4318']],
    bad: ['localhost:4318', 'grpc://localhost:4317'],
  },
  SHUTDOWN_DELAY_SECONDS: seconds('shutdownDelaySeconds', 0, [0, 300]),
  SECURITY_EVENT_RETENTION_DAYS: seconds('securityEventRetentionDays', 180, [1, 3650]),
  THROTTLING_ENABLED: flag('throttlingEnabled', true),
  THROTTLING_RATES: {
    field: 'throttlingRates',
    fallback: expect.objectContaining({ login: expect.objectContaining({ text: '30/hour' }) }),
    good: [['login=10/min', expect.objectContaining({ login: expect.objectContaining({ text: '10/min' }) })]],
    bad: ['login', 'login=fast'],
  },
}

function refusal(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error(`accepted ${JSON.stringify(env)}`)
}

describe.each(Object.entries(variables))('%s', (name, { field, fallback, good, bad }) => {
  test('has its default when it is unset or empty', () => {
    for (const env of [{}, { [name]: '' }, { [name]: '  ' }]) expect(readConfig(env)[field]).toEqual(fallback)
  })

  test.each(good)('takes %j', (text, value) => {
    expect(readConfig({ [name]: text })[field]).toEqual(value)
    expect(readConfig({ [name]: ` ${text} ` })[field]).toEqual(value)
  })

  test.each(bad)('refuses %j, by name', (text) => {
    const lines = refusal({ [name]: text }).split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(new RegExp(`^ {2}${name}: (must|there|the rate) `))
  })
})

test('every bad variable is named in one message, and no value', () => {
  const worst = Object.entries(variables).filter(([, { bad }]) => bad.length > 0)
  const env = Object.fromEntries(worst.map(([name]) => [name, 'hunter2!secret']))
  const message = refusal(env)
  expect(message.split('\n')[0]).toBe('The server cannot start; fix these environment variables:')
  const named = message
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(':')[0])
  expect(named.sort()).toEqual(worst.map(([name]) => name).sort())
  expect(message).not.toContain('hunter2')
})

test('a pod that others can reach must say under which https URL', () => {
  for (const host of ['192.0.2.7', 'pod.example.org']) {
    expect(refusal({ HOST: host })).toContain('PUBLIC_URL: must be set, to an https URL')
    expect(readConfig({ HOST: host, PUBLIC_URL: 'https://pod.example.org' }).publicUrl).toBe('https://pod.example.org')
  }
})

test('without PUBLIC_URL the pod is where it listens', () => {
  expect(readConfig({ HOST: '::1', PORT: '80' }).publicUrl).toBe('http://[::1]')
  expect(readConfig({ HOST: '0.0.0.0', PORT: '8080' }).publicUrl).toBe('http://127.0.0.1:8080')
})

test('unknown variables are nobody else’s business', () => {
  expect(readConfig({ PATH: '/bin', NODE_ENV: 'production' })).toEqual(readConfig({}))
})

test('the table above, .env.example and the code know the same variables', () => {
  const example = readFileSync(fileURLToPath(new URL('../.env.example', import.meta.url)), 'utf8')
  const inExample = [...example.matchAll(/^# ?([A-Z_]+)=/gm)].map(([, name]) => name)
  const inCode = Object.keys(environment.shape).sort()
  expect(Object.keys(variables).sort()).toEqual(inCode)
  expect(inExample.sort()).toEqual(inCode)
})

test('the server does not start on a bad environment: one message, exit status 1', async () => {
  const server = fileURLToPath(new URL('../src/server.ts', import.meta.url))
  const tsx = import.meta.resolve('tsx')
  const child = spawn(process.execPath, ['--import', tsx, server], {
    cwd: tmpdir(),
    env: { PORT: 'hunter2', LOG_LEVEL: 'loud', DATA_DIR: '/dev/null/never' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk
    })
  }
  const [status] = await once(child, 'close')
  expect(status).toBe(1)
  expect(printed).toBe(
    [
      'The server cannot start; fix these environment variables:',
      '  PORT: must be a port number, 0 to 65535',
      '  LOG_LEVEL: must be one of fatal, error, warn, info, debug, trace, silent',
      '',
    ].join('\n'),
  )
})
