import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/**
 * What is wrong with the page that is shown: what axe finds, and whether it is wider than the window. A picture of it lands
 * in the folder `screenshots`, which is not kept, for looking at.
 */
export async function pageFaults(page: Page, name: string): Promise<string[]> {
  const { width } = page.viewportSize() ?? { width: 0 }
  const isDark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
  const picture = `${name.replace(/[^a-z0-9]+/gi, '-')}-${width}-${isDark ? 'dark' : 'light'}.png`
  const takePicture = () => page.screenshot({ path: `screenshots/${picture}`, fullPage: true })
  // Nothing depends on it, and Chromium sometimes cannot while the machine is busy.
  await takePicture().catch(takePicture)
  // Without looking into frames, of which there are none.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const faults = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  const tooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
  return tooWide ? [...faults, 'wider than the window'] : faults
}
