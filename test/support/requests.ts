import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Browser } from './browser.ts'

/** A body and the header that says what it is, for `app.inject`. */
export interface Body {
  payload: string | Buffer
  headers: Record<string, string>
}

type Fields = Record<string, string | string[]>

/** The three kinds of body that every endpoint takes; a list of texts is a field given several times. */
export const bodies = { json, form, multipart }

export function json(value: unknown): Body {
  return { payload: JSON.stringify(value), headers: { 'content-type': 'application/json' } }
}

export function form(fields: Fields): Body {
  const payload = new URLSearchParams(pairsOf(fields)).toString()
  return { payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
}

export function multipart(fields: Fields): Body {
  const parts = pairsOf(fields).map(
    ([name, value]) => `--between\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return {
    payload: `${parts.join('')}--between--\r\n`,
    headers: { 'content-type': 'multipart/form-data; boundary=between' },
  }
}

function pairsOf(fields: Fields): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))
}

export function bearer(token: string | undefined): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** User name and password are form-encoded inside HTTP Basic (RFC 6749 §2.3.1). */
export function basic(clientId: string, secret: string): Record<string, string> {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return { authorization: `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}` }
}

/** What a script on a page of the pod sends along: the browser's cookies and its CSRF token. */
export function asScript(browser: Browser): { cookie: string; 'x-csrftoken': string } {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return { cookie, 'x-csrftoken': browser.cookies.get('csrftoken') ?? '' }
}

export type Headers = Record<string, string | undefined>

/** One request; `body` is made by `json`, `form` or `multipart`, an undefined header is not sent. */
export async function send(
  { app }: { app: FastifyInstance },
  method: NonNullable<InjectOptions['method']>,
  url: string,
  { body, headers = {} }: { body?: Body | undefined; headers?: Headers } = {},
): Promise<LightMyRequestResponse> {
  const all = Object.entries({ ...body?.headers, ...headers }).filter(([, value]) => value !== undefined)
  return app.inject({ method, url, headers: Object.fromEntries(all), ...(body && { payload: body.payload }) })
}
