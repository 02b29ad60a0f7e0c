import { LRUCache } from 'lru-cache'
import type { Changes, Subject } from './changes.ts'

/** However well changes are heard, nothing is believed for longer. */
const lifetimeMs = 5_000

interface Entry<Value> {
  value: Value
  /** Whose changes make it wrong. */
  about: readonly Subject[]
  /** The latest change before it was read. */
  since: number
}

/** Copies of what is in the database, each used only while it is certain to be as it is there. */
export class FreshCache<Value extends object> {
  readonly #changes: Changes
  readonly #entries: LRUCache<string, Entry<Value>>

  constructor(changes: Changes, { max }: { max: number }) {
    this.#changes = changes
    this.#entries = new LRUCache({ max, ttl: lifetimeMs, ttlResolution: 0 })
  }

  get(key: string): Value | undefined {
    if (!this.#changes.isTrusted()) return undefined
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (this.#changes.isUnchanged(entry.about, entry.since)) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  /** To be begun before the value is read. @returns keeps it, unless it may have changed meanwhile */
  begin(): (key: string, value: Value, about: readonly Subject[]) => void {
    const since = this.#changes.latest
    const wasTrusted = this.#changes.isTrusted()
    return (key, value, about) => {
      if (wasTrusted && this.#changes.isUnchanged(about, since)) this.#entries.set(key, { value, about, since })
    }
  }
}
