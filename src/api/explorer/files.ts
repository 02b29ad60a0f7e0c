import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const contentTypes = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'oauth2-redirect.html': 'text/html; charset=utf-8',
  'oauth2-redirect.js': 'text/javascript; charset=utf-8',
  'explorer.css': 'text/css; charset=utf-8',
  'explorer.js': 'text/javascript; charset=utf-8',
} as const

export interface ExplorerFile {
  name: string
  contentType: string
  content: Buffer
}

/** Swagger UI as `@fastify/swagger-ui` brings it, and what makes it ours. */
export function explorerFiles(): ExplorerFile[] {
  return Object.entries(contentTypes).map(([name, contentType]) => ({
    name,
    contentType,
    content: readFileSync(name.startsWith('explorer.') ? new URL(`assets/${name}`, import.meta.url) : swaggerUi(name)),
  }))
}

function swaggerUi(name: string): string {
  return createRequire(import.meta.url).resolve(`@fastify/swagger-ui/static/${name}`)
}
