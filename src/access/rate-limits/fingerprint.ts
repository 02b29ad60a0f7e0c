/**
 * 64 bits that stand for a key: HalfSipHash-1-3 with a secret of this process, so that nobody can choose keys that
 * collide. The two halves stay here until the next call, as returning them would cost an object per request.
 */
export class Fingerprint {
  high = 0
  low = 0
  readonly #k0: number
  readonly #k1: number

  constructor(secret: readonly [number, number]) {
    ;[this.#k0, this.#k1] = secret
  }

  take(key: string): void {
    let v0 = this.#k0
    let v1 = this.#k1 ^ 0xee
    let v2 = this.#k0 ^ 0x6c796765
    let v3 = this.#k1 ^ 0x74656462
    const words = (key.length >> 1) + 1
    // After the words come three rounds for each half of the result.
    for (let round = 0; round < words + 6; round++) {
      const word = round < words ? wordAt(key, round) : 0
      if (round === words) v2 ^= 0xee
      if (round === words + 3) {
        this.high = (v1 ^ v3) >>> 0
        v1 ^= 0xdd
      }
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }
    this.low = (v1 ^ v3) >>> 0
  }
}

/** Two UTF-16 units; the last word holds the length too. */
function wordAt(key: string, index: number): number {
  const at = index * 2
  if (at + 1 < key.length) return key.charCodeAt(at) | (key.charCodeAt(at + 1) << 16)
  const rest = at < key.length ? key.charCodeAt(at) : 0
  return rest | ((key.length & 0xffff) << 16)
}
