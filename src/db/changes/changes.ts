/** One row, like `users 5`, or one table, like `settings`, as the triggers name it. */
export type Subject = string

/** More rows that changed than this are not told apart: then everything has changed. */
const mostRemembered = 10_000

/**
 * What changes in the database that this process keeps copies of: told by the connection that makes the change, and by
 * `LISTEN` when somebody else does. A copy is right as long as nothing it is about has changed since before it was read.
 */
export class Changes {
  #latest = 0
  #allChangedAt = 0
  readonly #changedAt = new Map<Subject, number>()
  readonly #followers = new Map<string, Set<() => void>>()
  readonly #isTrusted: () => boolean

  /** @param isTrusted whether changes by others are certain to be heard at this moment */
  constructor(isTrusted: () => boolean) {
    this.#isTrusted = isTrusted
  }

  /** The number of the latest change; to be asked for before reading what is to be kept. */
  get latest(): number {
    return this.#latest
  }

  /** Otherwise no copy may be used. */
  isTrusted(): boolean {
    return this.#isTrusted()
  }

  /** Whether what was read after change number `since` is still as it was. */
  isUnchanged(about: readonly Subject[], since: number): boolean {
    if (since < this.#allChangedAt) return false
    if (this.#changedAt.size === 0) return true
    for (const subject of about) {
      const changedAt = this.#changedAt.get(subject)
      if (changedAt !== undefined && changedAt > since) return false
    }
    return true
  }

  /** For a change that is committed. */
  note(subject: Subject): void {
    this.#latest += 1
    if (this.#changedAt.size >= mostRemembered) this.#forget()
    this.#changedAt.set(subject, this.#latest)
    this.#tell(subject.split(' ', 1)[0] ?? '')
  }

  /** For when some changes may not have been heard. */
  noteAll(): void {
    this.#latest += 1
    this.#forget()
    for (const table of this.#followers.keys()) this.#tell(table)
  }

  /** Calls back after every change of a table that is told as a whole. @returns how to stop it */
  follow(table: string, follower: () => void): () => void {
    const followers = this.#followers.get(table) ?? new Set()
    this.#followers.set(table, followers.add(follower))
    return () => void followers.delete(follower)
  }

  #forget(): void {
    this.#allChangedAt = this.#latest
    this.#changedAt.clear()
  }

  #tell(table: string): void {
    for (const follower of this.#followers.get(table) ?? []) follower()
  }
}
