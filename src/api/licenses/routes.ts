import { z } from 'zod'
import { pageOf, pageQuery, readPage, representPage } from '../../http/pagination.ts'
import { notFound } from '../../lib/problem.ts'
import type { Routes } from '../../services.ts'
import { findLicense, licenses } from './licenses.ts'

const license = z.object({
  id: z.string(),
  url: z.string(),
  code: z.string(),
  name: z.string(),
  redistribute: z.boolean(),
  derivative: z.boolean(),
  commercial: z.boolean(),
  attribution: z.boolean(),
  copyleft: z.boolean(),
})

const access = { scope: 'read:libraries', anonymous: 'setting' } as const

/** /api/v1/licenses */
export const licenseRoutes: Routes = async (app, { services: { config } }) => {
  app.get(
    '/',
    {
      config: { access, throttle: 'list' },
      schema: { summary: 'List licenses', querystring: pageQuery, response: { 200: pageOf(license) } },
    },
    async (request) => {
      const page = readPage(request.query, { largest: 1_000 })
      const at = { page, count: licenses.length, publicUrl: config.publicUrl, url: request.url }
      return representPage(at, licenses.slice(page.skip, page.skip + page.take))
    },
  )

  app.get(
    '/:code',
    {
      config: { access, throttle: 'retrieve' },
      schema: { summary: 'Show a license', params: z.object({ code: z.string() }), response: { 200: license } },
    },
    async (request) => {
      const found = findLicense(request.params.code)
      if (found === undefined) throw notFound('license')
      return found
    },
  )
}
