import { isIP } from 'node:net'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { verifyTransport } from '../../mail/transport.ts'
import { issuerOf } from '../../oauth/issuer.ts'
import { judgeClock } from './database-checks.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const answerWithinMs = 8_000

export async function checkMail(config: Pick<Config, 'smtpUrl'>): Promise<Finding> {
  if (config.smtpUrl === undefined) {
    const fix = 'Set SMTP_URL, so that people can confirm addresses and reset passwords.'
    return warning('mail', 'mails are written to files and not sent', fix)
  }
  try {
    await verifyTransport(config.smtpUrl)
    return ok('mail', 'the mail server takes mails')
  } catch (error) {
    const says = `the mail server cannot be used: ${error instanceof Error ? error.message : error}`
    return problem('mail', says, 'See host, port, user and password in SMTP_URL, and smtp+tls or smtp+ssl.')
  }
}

const metadata = z.object({ issuer: z.string() })
const standing = z.object({ ident: z.object({ id: z.union([z.string(), z.number()]) }) })

/** Goes to the pod the way everybody does. */
export async function checkPublicUrl(config: Pick<Config, 'publicUrl' | 'trustedProxies'>): Promise<Finding[]> {
  const { publicUrl } = config
  let response: Response
  try {
    response = await visit(`${publicUrl}/.well-known/oauth-authorization-server`)
  } catch (error) {
    const { code = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
    const fix = 'Start the pod; see that the name leads here, and that the reverse proxy has a valid certificate.'
    return [warning('public URL', `nothing answers at ${publicUrl} ${code}`.trim(), fix)]
  }
  const found = metadata.safeParse(await response.json().catch(() => undefined))
  if (!found.success) {
    const says = `${publicUrl} is answered by something else (status ${response.status})`
    return [problem('public URL', says, 'Lead the reverse proxy to HOST and PORT of the pod.')]
  }
  if (found.data.issuer !== issuerOf(publicUrl)) {
    const says = `the pod that answers there says that it is ${found.data.issuer}`
    return [problem('public URL', says, 'Set PUBLIC_URL alike for the pod and for this command.')]
  }
  const date = response.headers.get('date')
  return [
    ok('public URL', `${publicUrl} leads to this pod`),
    ...(date === null ? [] : [judgeClock(publicUrl, Date.parse(date) - Date.now())]),
    await checkProxy(config),
  ]
}

/** Whom the pod takes this command for, when it comes through the proxy. */
async function checkProxy({
  publicUrl,
  trustedProxies,
}: Pick<Config, 'publicUrl' | 'trustedProxies'>): Promise<Finding> {
  const response = await visit(`${publicUrl}/api/v1/rate-limit`).catch(() => undefined)
  const seen = standing.safeParse(await response?.json().catch(() => undefined))
  const address = seen.success ? String(seen.data.ident.id) : ''
  return judgeProxy({ isPublic: publicUrl.startsWith('https:'), trustedProxies, address })
}

/** @param address what the pod saw as that of somebody who came through the public URL */
export function judgeProxy(facts: { isPublic: boolean; trustedProxies: string[]; address: string }): Finding {
  const { isPublic, trustedProxies, address } = facts
  if (!isPublic) return ok('proxy', 'none is needed for a loopback address')
  if (trustedProxies.length === 0) {
    const fix = 'Set TRUSTED_PROXIES to the address of the reverse proxy; otherwise all people share one rate limit.'
    return problem('proxy', 'PUBLIC_URL is https, and no proxy is trusted', fix)
  }
  if (isLocal(address)) {
    const says = `a visitor by the public URL seems to come from ${address}`
    const fix = 'Let the proxy send X-Forwarded-For and X-Forwarded-Proto, and name its address in TRUSTED_PROXIES.'
    return warning('proxy', says, fix)
  }
  return ok('proxy', 'tells where people come from')
}

/** Of this machine or a network of containers. */
function isLocal(address: string): boolean {
  const plain = address.split('/', 1)[0] ?? ''
  if (isIP(plain) === 6) return /^(::1|::|f[cd][\da-f]{2}:|fe80:)/i.test(plain)
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(plain)
}

function visit(url: string): Promise<Response> {
  return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(answerWithinMs) })
}
