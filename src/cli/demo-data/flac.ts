import { createHash } from 'node:crypto'

// FLAC, as RFC 9639 has it: one channel of 16 bits, second-order prediction, Rice coding.

interface Recording {
  /** 16 bits each. */
  samples: Int16Array
  /** Per second. */
  rate: number
  /** Vorbis comments. */
  comments: Record<string, string>
  /** The front cover. */
  cover: { mimetype: string; bytes: Uint8Array; side: number }
}

const blockSize = 4096

/** @param recording its last samples are left out, if they fill no block */
export function encodeFlac({ samples, rate, comments, cover }: Recording): Buffer {
  const count = Math.floor(samples.length / blockSize)
  const used = samples.subarray(0, count * blockSize)
  const frames = Array.from({ length: count }, (_, n) => frame(used.subarray(n * blockSize, (n + 1) * blockSize), n))
  return Buffer.concat([
    Buffer.from('fLaC'),
    metadataBlock(0, streamInfo(used, rate)),
    metadataBlock(4, vorbisComment(comments)),
    metadataBlock(6, picture(cover), true),
    ...frames,
  ])
}

function metadataBlock(type: number, body: Buffer, isLast = false): Buffer {
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | type]), big(body.length, 3), body])
}

/** RFC 9639 §8.2 */
function streamInfo(samples: Int16Array, rate: number): Buffer {
  const bits = new Bits()
  bits.write(blockSize, 16)
  bits.write(blockSize, 16)
  // The sizes of frames are not told.
  bits.write(0, 24)
  bits.write(0, 24)
  bits.write(rate, 20)
  bits.write(0, 3)
  bits.write(16 - 1, 5)
  bits.write(0, 4)
  bits.write(samples.length, 32)
  const pcm = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  return Buffer.concat([bits.bytes(), createHash('md5').update(pcm).digest()])
}

/** §8.6 */
function vorbisComment(comments: Record<string, string>): Buffer {
  const texts = Object.entries(comments).map(([name, value]) => `${name}=${value}`)
  return Buffer.concat([sized('Baleen', little), little(texts.length), ...texts.map((text) => sized(text, little))])
}

/** §8.8 */
function picture({ mimetype, bytes, side }: Recording['cover']): Buffer {
  const frontCover = 3
  const shape = [side, side, 24, 0].map((number) => big(number))
  return Buffer.concat([big(frontCover), sized(mimetype, big), sized('', big), ...shape, big(bytes.length), bytes])
}

/** §9.1 to §9.3 */
function frame(samples: Int16Array, number: number): Buffer {
  const header = Buffer.concat([Buffer.from([0xff, 0xf8, 0xc0, 0x08]), frameNumber(number)])
  const bits = new Bits()
  subframe(bits, samples)
  const whole = Buffer.concat([header, Buffer.from([crc(header, 8, 0x07)]), bits.bytes()])
  return Buffer.concat([whole, big(crc(whole, 16, 0x8005), 2)])
}

/** As UTF-8 has its code points. */
function frameNumber(number: number): Buffer {
  return Buffer.from(String.fromCodePoint(number))
}

/** §9.2.5 and §9.2.7 */
function subframe(bits: Bits, samples: Int16Array): void {
  const order = 2
  bits.write(0b001000 | order, 7)
  bits.write(0, 1)
  for (const sample of samples.subarray(0, order)) bits.write(sample & 0xffff, 16)
  const folded = residual(samples, order)
  const parameter = riceParameter(folded)
  // One partition.
  bits.write(0, 2 + 4)
  bits.write(parameter, 4)
  for (const value of folded) {
    bits.writeUnary(value >>> parameter)
    bits.write(value & ((1 << parameter) - 1), parameter)
  }
}

/** How far each sample is from a straight line through the two before, zigzag-encoded. */
function residual(samples: Int16Array, order: number): number[] {
  const at = (n: number) => samples[n] ?? 0
  return Array.from({ length: samples.length - order }, (_, n) => {
    const miss = at(n + 2) - 2 * at(n + 1) + at(n)
    return miss < 0 ? -2 * miss - 1 : 2 * miss
  })
}

function riceParameter(folded: number[]): number {
  const mean = folded.reduce((sum, value) => sum + value, 0) / folded.length
  return Math.min(14, Math.max(0, Math.floor(Math.log2(mean + 1))))
}

/** Polynomials are without their highest bit. */
function crc(bytes: Uint8Array, width: 8 | 16, polynomial: number): number {
  const [highest, all] = [1 << (width - 1), (1 << width) - 1]
  let value = 0
  for (const byte of bytes) {
    value ^= byte << (width - 8)
    for (let bit = 0; bit < 8; bit += 1) value = ((value << 1) ^ (value & highest ? polynomial : 0)) & all
  }
  return value
}

function sized(text: string, length: (value: number) => Buffer): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([length(bytes.length), bytes])
}

function big(value: number, bytes = 4): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

function little(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer
}

/** Numbers of any width, highest bit first. */
class Bits {
  readonly #bytes: number[] = []
  #current = 0
  #filled = 0

  write(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit -= 1) this.#push(Math.floor(value / 2 ** bit) & 1)
  }

  writeUnary(zeros: number): void {
    for (let n = 0; n < zeros; n += 1) this.#push(0)
    this.#push(1)
  }

  /** All of it, filled up with zeros. */
  bytes(): Buffer {
    while (this.#filled > 0) this.#push(0)
    return Buffer.from(this.#bytes)
  }

  #push(bit: number): void {
    this.#current = (this.#current << 1) | bit
    this.#filled += 1
    if (this.#filled < 8) return
    this.#bytes.push(this.#current)
    this.#current = 0
    this.#filled = 0
  }
}
