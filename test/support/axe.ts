import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What is wrong with the page that is shown: what axe finds, and whether it is wider than the window. */
export async function pageFaults(page: Page): Promise<string[]> {
  // Without looking into frames, of which there are none.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const faults = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  const tooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
  return tooWide ? [...faults, 'wider than the window'] : faults
}
