import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import pg from 'pg'

/** What the triggers notify. */
const channel = 'baleen_changes'

/** One of our own notifications that has come back proves the way for so long. */
const trustedMs = 10_000
const lookEveryMs = 2_500
const reconnectAfterMs = 1_000

const ofListener = { application_name: 'baleen listener', keepAlive: true, keepAliveInitialDelayMillis: 10_000 }

export interface ListenerOptions {
  client: pg.ClientConfig
  /** The embedded database cannot lose a connection without saying so. */
  needsProof: boolean
  /** Sends a statement in another way than the listener's connection. */
  send: (sql: string) => Promise<unknown>
  onChange: (subject: string) => void
  /** Changes from here on are heard; some before may not have been. */
  onGap: () => void
}

/**
 * A connection that listens for changes by other processes. That it is up does not say that notifications arrive (a
 * pooler may be in between, or the network gone), so while somebody relies on it, it is tried out every few seconds.
 */
export class Listener {
  readonly #options: ListenerOptions
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #isStarted = false
  #isListening = false
  #isRelied = false
  #provedUntil = 0
  #trial: { text: string; sentAt: number } | undefined

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** From now on, until stopped; again and again if need be. */
  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#connect()
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref()
  }

  async stop(): Promise<void> {
    this.#isStarted = false
    clearInterval(this.#timer)
    const client = this.#client
    this.#lose(client)
    await client?.end().catch(() => undefined)
  }

  /** Whether the way has been found to work, for those that do not need it at every moment. */
  get isUp(): boolean {
    return this.#isListening && (!this.#options.needsProof || this.#provedUntil > 0)
  }

  /** Whether every change is heard at this moment. */
  isTrusted(): boolean {
    if (!this.#isListening) return false
    if (!this.#options.needsProof) return true
    this.#isRelied = true
    return performance.now() < this.#provedUntil
  }

  #connect(): void {
    const client = new pg.Client({ ...this.#options.client, ...ofListener })
    this.#client = client
    client.on('error', () => this.#lose(client))
    client.on('end', () => this.#lose(client))
    client.on('notification', ({ payload = '' }) => this.#hear(payload))
    client
      .connect()
      .then(() => client.query(`LISTEN ${channel}`))
      .then(() => this.#begin(client))
      .catch(() => this.#lose(client))
  }

  #begin(client: pg.Client): void {
    if (client !== this.#client) return // Nobody waits for what may never come.
    ;(client.connection.stream as Socket).unref()
    this.#isListening = true
    if (this.#options.needsProof) this.#try()
    else this.#options.onGap()
  }

  #lose(client: pg.Client | undefined): void {
    if (client === undefined || client !== this.#client) return
    this.#client = undefined
    this.#isListening = false
    this.#provedUntil = 0
    this.#trial = undefined
    client.end().catch(() => undefined)
    if (this.#isStarted) setTimeout(() => this.#isStarted && this.#connect(), reconnectAfterMs).unref()
  }

  #look(): void {
    if (!this.#isListening || !this.#options.needsProof || !this.#isRelied) return
    const overdue = this.#trial !== undefined && performance.now() - this.#trial.sentAt > trustedMs
    if (overdue) this.#lose(this.#client)
    else if (this.#trial === undefined) this.#try()
  }

  #try(): void {
    const trial = { text: `trial ${randomUUID()}`, sentAt: performance.now() }
    this.#trial = trial
    this.#isRelied = false
    this.#options.send(`SELECT pg_notify('${channel}', '${trial.text}')`).catch(() => {
      if (this.#trial === trial) this.#trial = undefined
    })
  }

  #hear(payload: string): void {
    const trial = this.#trial
    if (!payload.startsWith('trial ')) this.#options.onChange(payload)
    if (trial?.text !== payload) return
    this.#trial = undefined
    const wasTrusted = trial.sentAt < this.#provedUntil
    this.#provedUntil = trial.sentAt + trustedMs
    if (!wasTrusted) this.#options.onGap()
  }
}
