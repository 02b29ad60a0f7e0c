/** A browser, as far as logging in and one consent page need it: cookies, redirects, and forms with what they hold. */
export class Visitor {
  #origin
  #cookies = {}

  constructor(origin) {
    this.#origin = origin
  }

  /** @returns the code that the last page shows */
  async allow(address, { username, password }) {
    const login = await this.#get(address)
    const consent = await this.#submit(login, 'password', { username, password })
    const shown = await this.#submit(consent, 'decision', { decision: 'allow' })
    const code = /<code[^>]*>([^<]+)<\/code>/.exec(shown.html)?.[1]
    if (code === undefined) throw new Error(`No code on ${shown.url}:\n${shown.html}`)
    return code
  }

  #get(url) {
    return this.#follow(url, {})
  }

  /** Sends the form that has a field of this name, with what it holds and what is given. */
  #submit({ html, url }, field, given) {
    const form = (html.match(/<form.*?<\/form>/gs) ?? []).find((one) => one.includes(`name="${field}"`))
    if (form === undefined) throw new Error(`No form with ${field} on ${url}:\n${html}`)
    const body = new URLSearchParams()
    for (const [, attributes] of form.matchAll(/<input ([^>]*)>/g)) {
      const { name, value, type } = read(attributes)
      const isSent = type === 'hidden' || (type === 'checkbox' && /(^| )checked/.test(attributes))
      if (isSent) body.append(name, value)
    }
    for (const [name, value] of Object.entries(given)) body.set(name, value)
    const { action = url } = read(/<form([^>]*)>/.exec(form)[1])
    return this.#follow(new URL(action, url).href, { method: 'POST', body })
  }

  async #follow(url, init) {
    const cookie = Object.entries(this.#cookies)
      .map((pair) => pair.join('='))
      .join('; ')
    const headers = { accept: 'text/html', origin: this.#origin, cookie }
    const answer = await fetch(new URL(url, this.#origin), { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';', 1)
      this.#cookies[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1)
    }
    const location = answer.headers.get('location')
    if (location !== null) return this.#follow(new URL(location, answer.url).href, {})
    return { url: answer.url, html: await answer.text() }
  }
}

function read(attributes) {
  const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescaped(value)])
  return Object.fromEntries(pairs)
}

function unescaped(text) {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
