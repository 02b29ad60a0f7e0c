import { readFileSync } from 'node:fs'
import { z } from 'zod'

const packageFile = z.object({
  version: z.string(),
  homepage: z.string().optional(),
  repository: z.object({ url: z.string() }).optional(),
})

/** What runs here. */
export interface Software {
  version: string
  /** Where people find its source and its site, if the package says so. */
  links: { repository?: string; homepage?: string }
}

export function readSoftware(): Software {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version, homepage, repository } = packageFile.parse(JSON.parse(text))
  return { version, links: { ...(repository && { repository: repository.url }), ...(homepage && { homepage }) } }
}
