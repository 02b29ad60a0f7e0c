import { STATUS_CODES } from 'node:http'
import { styleText } from 'node:util'

const paint = process.stdout.isTTY ? styleText : (_style, text) => text

export function say(text, style = 'reset') {
  console.log(paint(style, shorten(text)))
}

/** Secrets are known by their prefix; three letters are enough to follow them. */
function shorten(text) {
  return text.replaceAll(/\b(bl[a-z]_\w{3})\w{40}\b/g, '$1…')
}

/**
 * Sends requests and shows each one as the curl command that does the same. Values are written as `$NAME` and looked up
 * in `variables`, here as in the reader's shell.
 */
export class Curl {
  variables = {}
  #cookies = new Map()

  /** Gives a value a name, and shows it, or the command that makes one. */
  set(name, value, command = quote(value)) {
    this.variables[name] = value
    say(`${name}=${command}`, 'green')
  }

  cookie(name) {
    return this.#cookies.get(name)
  }

  /** @param options `query`; `form` makes it a POST; `user` is HTTP Basic; `bearer`; `browser` keeps cookies; `range` of bytes */
  async send(path, options = {}) {
    say(command(path, options), 'cyan')
    const response = await fetch(this.#address(path, options), this.#request(options))
    this.#keepCookies(response)
    const [location, part] = ['location', 'content-range'].map((name) => response.headers.get(name))
    const answer = { status: response.status, location, part, text: await response.text() }
    const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(answer.text) : undefined
    show({ ...answer, json })
    return { ...answer, json }
  }

  #address(path, { query = {} }) {
    const url = new URL(this.variables.POD + this.#fill(path))
    for (const [name, value] of pairs(query)) url.searchParams.append(name, this.#fill(value))
    return url
  }

  #request({ form, user, bearer, browser = false, range }) {
    const headers = {}
    if (range) headers.range = `bytes=${range}`
    if (user) headers.authorization = `Basic ${Buffer.from(this.#fill(user)).toString('base64')}`
    if (bearer) headers.authorization = `Bearer ${this.#fill(bearer)}`
    if (browser) headers.cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ')
    if (form === undefined) return { headers, redirect: 'manual' }
    const body = new URLSearchParams(pairs(form).map(([name, value]) => [name, this.#fill(value)]))
    return { method: 'POST', headers, body, redirect: 'manual' }
  }

  #fill(text) {
    return text.replaceAll(/\$([A-Z_]+)/g, (_all, name) => this.variables[name])
  }

  #keepCookies(response) {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)
      this.#cookies.set(name, value)
    }
  }
}

function command(path, { query, form, user, bearer, browser = false, range }) {
  const options = [
    ...(range ? [`-r ${range} -D - -o beginning`] : []),
    ...(browser ? ['-b cookies -c cookies'] : []),
    ...(user ? [`-u ${quote(user)}`] : []),
    ...(bearer ? [`-H ${quote(`Authorization: Bearer ${bearer}`)}`] : []),
    ...(query ? ['-G'] : []),
    ...pairs(form ?? query ?? {}).map(([name, value]) => `--data-urlencode ${quote(`${name}=${value}`)}`),
  ]
  return [`curl ${range ? '-s' : '-si'} ${quote(`$POD${path}`)}`, ...options].join(' \\\n  ')
}

function pairs(fields) {
  return Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
}

function quote(text) {
  if (text.includes('$')) return `"${text}"`
  return /^[\w=:./-]+$/.test(text) ? text : `'${text}'`
}

function show({ status, location, part, text, json }) {
  say(`${status} ${STATUS_CODES[status]}`, status < 400 ? 'bold' : 'yellow')
  if (location !== null) say(`location: ${location}`)
  if (part !== null) say(`content-range: ${part}`)
  else if (json !== undefined) say(JSON.stringify(json, null, 2))
  else if (text !== '') say(`(a page: ${/<h1[^>]*>(.*?)<\/h1>/s.exec(text)?.[1].replaceAll(/<[^>]+>/g, '')})`)
  say('')
}
