import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { type Page, type pageQuery, readPage, representPage } from '../../http/pagination.ts'
import type { Services } from '../../services.ts'
import { inOrder, type ListedIds } from '../listing/list-ids.ts'
import { type Viewer, viewerOf } from '../viewer.ts'

/** How one kind of thing is listed: which are on a page, then what is shown of them. */
interface Listing<Query, Item> {
  list(services: Services, viewer: Viewer, query: Query, page: Page): Promise<ListedIds>
  load(db: Database, publicUrl: string, viewer: Viewer, ids: readonly number[]): Promise<ReadonlyMap<number, Item>>
}

/** Answers a list of artists, albums or tracks. */
export async function answerList<Query extends z.output<typeof pageQuery>, Item>(
  services: Services,
  request: FastifyRequest & { query: Query },
  { list, load }: Listing<Query, Item>,
) {
  const { publicUrl } = services.config
  const [page, viewer] = [readPage(request.query), viewerOf(request)]
  const { count, ids } = await list(services, viewer, request.query, page)
  const items = await load(services.db, publicUrl, viewer, ids)
  return representPage({ page, count, publicUrl, url: request.url }, inOrder(ids, items))
}
