import type { RouteOptions } from 'fastify'
import { buildApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createServices } from '../../src/create-services.ts'
import { testDatabase } from './database.ts'

export interface Route {
  method: string
  url: string
  config: NonNullable<RouteOptions['config']>
  schema: { body?: unknown; querystring?: unknown } | undefined
}

/** All that the app answers, except the 405 of the methods that a path does not offer and preflights (OPTIONS). */
export async function allRoutes(): Promise<Route[]> {
  const routes: Route[] = []
  const onRoute = ({ method, url, config = {}, schema }: RouteOptions) => {
    if (config.refusal === true || url === '*') return
    for (const one of [method].flat()) routes.push({ method: one, url, config, schema })
  }
  const services = await createServices(readConfig({}), await testDatabase())
  const app = await buildApp(services, { logger: false, onRoute })
  await app.close()
  return routes
}
