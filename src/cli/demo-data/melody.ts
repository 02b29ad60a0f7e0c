import { randomOf } from './random.ts'

/** Samples per second: enough for simple tones. */
export const rate = 22_050

const seconds = 16
/** Half tones above the key: no two of them sound wrong together. */
const scale = [0, 3, 5, 7, 10, 12, 15, 17]

/** A little tune that is always the same for the same name. */
export function melodyOf(name: string): Int16Array {
  const random = randomOf(name)
  const key = 110 * 2 ** (random.upTo(12) / 12)
  const noteSeconds = random.pick([0.25, 0.3, 0.4, 0.5])
  const sound = new Float32Array(seconds * rate)
  for (let at = 0; at < seconds - 1; at += noteSeconds) {
    const pitch = key * 2 * 2 ** (random.pick(scale) / 12)
    if (random.upTo(6) > 0) addTone(sound, { at, pitch, lasts: noteSeconds * 3, loudness: 0.25 })
    if (Math.round(at / noteSeconds) % 8 === 0)
      addTone(sound, { at, pitch: key, lasts: noteSeconds * 8, loudness: 0.3 })
  }
  return Int16Array.from(sound, (value) => Math.round(Math.tanh(value) * 28_000))
}

interface Tone {
  /** Seconds. */
  at: number
  lasts: number
  /** Hertz. */
  pitch: number
  loudness: number
}

/** Like a string that was plucked: overtones that fade, the higher the sooner. */
function addTone(sound: Float32Array, { at, lasts, pitch, loudness }: Tone): void {
  const start = Math.floor(at * rate)
  const end = Math.min(sound.length, start + Math.floor(lasts * rate))
  for (let n = start; n < end; n += 1) {
    const time = (n - start) / rate
    const swell = Math.min(1, time * 100) * (1 - time / lasts)
    let value = 0
    for (let overtone = 1; overtone <= 3; overtone += 1) {
      value += (Math.sin(2 * Math.PI * pitch * overtone * time) * Math.exp(-2.5 * overtone * time)) / overtone
    }
    sound[n] = (sound[n] ?? 0) + value * swell * loudness
  }
}
