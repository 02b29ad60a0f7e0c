export interface SmtpServer {
  host: string
  port: number
  /** `opportunistic`: encrypted if the server offers it, whatever its certificate says. */
  encryption: 'opportunistic' | 'starttls' | 'tls'
  login?: { user: string; password: string }
}

const schemes = {
  'smtp:': { encryption: 'opportunistic', port: 25 },
  'smtp+tls:': { encryption: 'starttls', port: 587 },
  'smtp+ssl:': { encryption: 'tls', port: 465 },
  'smtps:': { encryption: 'tls', port: 465 },
} as const

/** Reads `smtp://user:password@host:port`, where user and password are percent-encoded; undefined = not such a URL. */
export function parseSmtpUrl(text: string): SmtpServer | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url && Object.entries(schemes).find(([name]) => name === url.protocol)?.[1]
  if (url === undefined || scheme === undefined || url.hostname === '') return undefined
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '' || url.port === '0') return undefined
  const user = decode(url.username)
  const password = decode(url.password)
  if (user === undefined || password === undefined || (user === '' && password !== '')) return undefined
  const port = url.port === '' ? scheme.port : Number(url.port)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    // Where only STARTTLS is ever spoken, `smtps` cannot mean anything else.
    encryption: url.protocol === 'smtps:' && port === 587 ? 'starttls' : scheme.encryption,
    ...(user !== '' && { login: { user, password } }),
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
