/**
 * What a client sends, cut into rounds: everything up to the message that ends a round trip. PostgreSQL keeps state
 * between the messages of a round (the unnamed statement), so nobody else's may come between.
 */
export type Round =
  | { kind: 'startup' | 'queries'; bytes: Buffer }
  /** Ended by a Flush: the client goes on in the same implicit transaction. */
  | { kind: 'part'; bytes: Buffer }
  | { kind: 'encryption' | 'cancel' | 'goodbye' }

const requests: Record<number, Round> = {
  80877102: { kind: 'cancel' },
  80877103: { kind: 'encryption' },
  80877104: { kind: 'encryption' },
}

const largestMessage = 256 * 1024 * 1024

export class RoundReader {
  #unread: Buffer = Buffer.alloc(0)
  #round: Buffer[] = []
  #started = false

  /** @throws RangeError if the bytes are not PostgreSQL's protocol. */
  read(chunk: Buffer): Round[] {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk])
    const rounds: Round[] = []
    for (let message = this.#nextMessage(); message !== undefined; message = this.#nextMessage()) {
      const round = this.#started ? this.#collect(message) : this.#start(message)
      if (round !== undefined) rounds.push(round)
    }
    return rounds
  }

  /** The first message of a connection has no type byte. */
  #nextMessage(): Buffer | undefined {
    const lengthAt = this.#started ? 1 : 0
    if (this.#unread.length < lengthAt + 4) return undefined
    const length = this.#unread.readInt32BE(lengthAt)
    if (length < 4 || length > largestMessage) throw new RangeError('Not a message of the PostgreSQL protocol.')
    const end = lengthAt + length
    if (this.#unread.length < end) return undefined
    const message = this.#unread.subarray(0, end)
    this.#unread = this.#unread.subarray(end)
    return message
  }

  #start(bytes: Buffer): Round {
    const request = bytes.length >= 8 ? requests[bytes.readInt32BE(4)] : undefined
    if (request !== undefined) return request
    this.#started = true
    return { kind: 'startup', bytes }
  }

  #collect(message: Buffer): Round | undefined {
    const type = String.fromCharCode(message[0] ?? 0)
    if (type === 'X') return { kind: 'goodbye' }
    this.#round.push(message)
    if (type === 'H') return { kind: 'part', bytes: this.#takeRound() }
    if (type === 'S' || type === 'Q') return { kind: 'queries', bytes: this.#takeRound() }
    return undefined
  }

  #takeRound(): Buffer {
    const bytes = Buffer.concat(this.#round)
    this.#round = []
    return bytes
  }
}
