import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { type HTMLElement, parse } from 'node-html-parser'

/** A page as a browser without JavaScript sees it, and what its forms would send. */
export interface Page {
  status: number
  /** Where the browser ended up; a redirect away from the pod is not followed. */
  url: string
  headers: LightMyRequestResponse['headers']
  html: HTMLElement
  text: string
}

type Fields = Record<string, string | string[]>
/** An undefined one is not sent. */
type Headers = Record<string, string | undefined>

/** Keeps cookies, follows redirects within the pod, fills in forms. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: FastifyInstance
  readonly #origin: string

  constructor(app: FastifyInstance, origin: string) {
    this.#app = app
    this.#origin = origin
  }

  /** For requests that are no page's. */
  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async get(url: string, headers: Headers = {}): Promise<Page> {
    return this.#send('GET', url, { headers })
  }

  /** Posts fields as a form does. */
  async post(url: string, fields: Fields, headers: Headers = {}): Promise<Page> {
    const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
    const payload = new URLSearchParams(pairs as [string, string][]).toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin }
    return this.#send('POST', url, { payload, headers: { ...type, ...headers } })
  }

  /** Submits the page's form with that action, changed where `fields` says; an undefined field is left out. */
  async submit(page: Page, action: string, fields: Record<string, string | string[] | undefined> = {}): Promise<Page> {
    const form = page.html.querySelectorAll('form').find((one) => one.getAttribute('action')?.split('?')[0] === action)
    if (form === undefined) throw new Error(`no form posts to ${action} on ${page.url}: ${page.text}`)
    const all = { ...fieldsOf(form), ...fields }
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    return this.post(form.getAttribute('action') ?? '', sent as Fields)
  }

  async logIn(username: string, password: string): Promise<Page> {
    return this.submit(await this.get('/login'), '/login', { username, password })
  }

  async #send(method: 'GET' | 'POST', url: string, options: { payload?: string; headers: Headers }): Promise<Page> {
    const cookie = this.cookieHeader
    const all = { accept: 'text/html', ...(cookie !== '' && { cookie }), ...options.headers }
    const headers = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    const response = await this.#app.inject({ method, url, ...options, headers })
    this.#keepCookies(response)
    const { location } = response.headers
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      return location.startsWith('/') ? this.#send('GET', location, { headers: {} }) : toPage(response, location)
    }
    return toPage(response, url)
  }

  #keepCookies(response: LightMyRequestResponse): void {
    for (const { name, value, expires } of response.cookies) {
      if (expires !== undefined && expires.getTime() <= Date.now()) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
  }
}

function toPage(response: LightMyRequestResponse, url: string): Page {
  const html = parse(response.body)
  return { status: response.statusCode, url, headers: response.headers, html, text: html.textContent }
}

function fieldsOf(form: HTMLElement): Fields {
  const fields: Record<string, string[]> = {}
  for (const input of form.querySelectorAll('input')) {
    const name = input.getAttribute('name')
    const isBox = input.getAttribute('type') === 'checkbox'
    if (name === undefined || (isBox && !input.hasAttribute('checked'))) continue
    fields[name] = [...(fields[name] ?? []), input.getAttribute('value') ?? '']
  }
  return fields
}
