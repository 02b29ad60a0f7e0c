import { z } from 'zod'
import { notFound } from '../lib/problem.ts'
import type { Routes } from '../services.ts'
import { readChapters } from './chapters.ts'
import { ChapterPage } from './views.tsx'

/** /docs: the files of docs/, on the pod they are about. */
export const documentationPages: Routes = async (app, { services: { pages } }) => {
  const chapters = readChapters()
  const config = { access: 'public', throttle: 'wildcard' } as const

  app.get('/', { config }, async (request, reply) => {
    const chapter = chapters.get('') ?? fail()
    return pages.send(reply, <ChapterPage page={pages.context(request, reply)} chapter={chapter} />)
  })

  app.get('/*', { config, schema: { params: z.object({ '*': z.string() }) } }, async (request, reply) => {
    const chapter = chapters.get(request.params['*'].replace(/\/$/, '')) ?? fail()
    return pages.send(reply, <ChapterPage page={pages.context(request, reply)} chapter={chapter} />)
  })
}

function fail(): never {
  throw notFound('page')
}
