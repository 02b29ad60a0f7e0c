import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (name: string) => readFileSync(new URL(`../../src/http/assets/${name}`, import.meta.url), 'utf8')
const css = read('pages.css')

/** Colour tokens of the light and of the dark scheme, which keeps what it does not redefine. */
const [light, dark] = (() => {
  const blocks = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, block = '']) =>
    Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name, value])),
  )
  return [blocks[0] ?? {}, { ...blocks[0], ...blocks[1] }]
})()

/** WCAG 2.2 §1.4.3 */
function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

test('the style sheet is small and loads nothing else', () => {
  expect(Buffer.byteLength(css)).toBeLessThan(20_000)
  expect(css).not.toMatch(/url\(|@import|@font-face/)
})

test('the script is small and never needed: it only looks for what is on the page', () => {
  expect(Buffer.byteLength(read('pages.js'))).toBeLessThan(2_000)
})

describe.each([
  ['light', light],
  ['dark', dark],
])('in the %s scheme', (_scheme, colours) => {
  const of = (name: string) => colours[name] ?? expect.fail(`no colour ${name}`)

  test.each([
    ['ink', 'ground'],
    ['ink', 'surface'],
    ['ink', 'tint'],
    ['muted', 'ground'],
    ['muted', 'surface'],
    ['accent', 'ground'],
    ['accent', 'surface'],
    ['accent', 'tint'],
    ['accent-strong', 'surface'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
    ['error', 'surface'],
    ['error', 'error-tint'],
    ['caution', 'caution-tint'],
  ])('%s can be read on %s (WCAG AA, 4.5 to 1)', (text, background) => {
    expect(contrast(of(text), of(background))).toBeGreaterThanOrEqual(4.5)
  })

  test('the edges of fields and buttons can be seen (WCAG AA, 3 to 1)', () => {
    expect(contrast(of('edge'), of('surface'))).toBeGreaterThanOrEqual(3)
  })
})
