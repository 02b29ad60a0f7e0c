import { z } from 'zod'
import type { Services } from '../../services.ts'
import { podNameOf } from '../../settings/pod-name.ts'
import { texts } from '../../texts/en.ts'

/** W3C Web Application Manifest, for browsers that put the pod on a home screen. */
export const manifest = z.object({
  name: z.string(),
  short_name: z.string(),
  description: z.string(),
  id: z.string(),
  start_url: z.string(),
  display: z.string(),
  categories: z.array(z.string()),
  icons: z.array(z.object({ src: z.string(), sizes: z.string(), type: z.string(), purpose: z.string() })),
  prefer_related_applications: z.boolean(),
})

/** @param icon path of the pod's icon */
export function makeManifest(
  { settings, config }: Pick<Services, 'settings' | 'config'>,
  icon: string,
): z.output<typeof manifest> {
  const name = podNameOf(settings, config.publicUrl)
  return {
    name,
    short_name: name,
    description: settings.get('instance__short_description') || texts.home.heading,
    id: '/',
    start_url: '/',
    display: 'minimal-ui',
    categories: ['music', 'entertainment'],
    icons: [{ src: icon, sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
    prefer_related_applications: false,
  }
}
