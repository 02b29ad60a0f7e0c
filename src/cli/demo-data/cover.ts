import sharp from 'sharp'
import { randomOf } from './random.ts'

export const side = 600

type Color = readonly [number, number, number]

const palettes: readonly (readonly [Color, Color])[] = [
  [
    [12, 35, 64],
    [120, 200, 220],
  ],
  [
    [60, 20, 70],
    [250, 170, 120],
  ],
  [
    [10, 60, 50],
    [220, 230, 150],
  ],
  [
    [70, 25, 30],
    [250, 210, 180],
  ],
  [
    [25, 30, 45],
    [180, 190, 230],
  ],
]

/** Waves of two colours, always the same for the same name, as a JPEG. */
export async function coverOf(name: string): Promise<Buffer> {
  const random = randomOf(`cover of ${name}`)
  const [dark, light] = random.pick(palettes)
  const [x, y] = [random.upTo(side), random.upTo(side)]
  const width = 40 + random.upTo(60)
  const pixels = Buffer.alloc(side * side * 3)
  for (let n = 0; n < side * side; n += 1) {
    const distance = Math.hypot((n % side) - x, Math.floor(n / side) - y)
    const share = (1 + Math.sin(distance / width)) / 2
    for (const [channel, from] of dark.entries()) {
      pixels[n * 3 + channel] = Math.round(from + ((light[channel] ?? 0) - from) * share)
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer()
}
