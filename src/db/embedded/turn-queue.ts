interface Turn {
  who: object
  /** Resolves to true to keep the turn: until it returns false, only turns of the same `who` run. */
  run: () => Promise<boolean>
}

/** One turn at a time, in order, except that an open transaction is finished before anyone else's turn. */
export class TurnQueue {
  #waiting: Turn[] = []
  #holder: object | undefined
  #running = false

  add(who: object, run: Turn['run']): void {
    this.#waiting.push({ who, run })
    if (!this.#running) void this.#work()
  }

  /** Forgets turns of `who` that have not run. */
  withdraw(who: object): void {
    this.#waiting = this.#waiting.filter((turn) => turn.who !== who)
  }

  async #work(): Promise<void> {
    this.#running = true
    for (let turn = this.#next(); turn !== undefined; turn = this.#next()) {
      this.#holder = (await turn.run()) ? turn.who : undefined
    }
    this.#running = false
  }

  #next(): Turn | undefined {
    if (this.#holder === undefined) return this.#waiting.shift()
    const at = this.#waiting.findIndex((turn) => turn.who === this.#holder)
    return at === -1 ? undefined : this.#waiting.splice(at, 1)[0]
  }
}
