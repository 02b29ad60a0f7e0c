import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const contentTypes = {
  'pages.css': 'text/css; charset=utf-8',
  'pages.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'avatar.png': 'image/png',
  'header.png': 'image/png',
} as const

type AssetName = keyof typeof contentTypes

/** Where pages find their style sheet, script and icon, and what stands for pictures that somebody does not have. */
export interface AssetAddresses {
  stylesheet: string
  script: string
  icon: string
  avatar: string
  header: string
}

/** A file's address changes with its content, so browsers may keep it for good. */
export function assetAddresses(): AssetAddresses {
  const addressOf = (name: AssetName) => {
    const version = createHash('sha256').update(readAsset(name)).digest('hex').slice(0, 10)
    return `/assets/${name}?v=${version}`
  }
  return {
    stylesheet: addressOf('pages.css'),
    script: addressOf('pages.js'),
    icon: addressOf('icon.svg'),
    avatar: addressOf('avatar.png'),
    header: addressOf('header.png'),
  }
}

/** /assets */
export async function assetRoutes(app: FastifyInstance): Promise<void> {
  for (const [name, contentType] of Object.entries(contentTypes)) {
    const content = readAsset(name as AssetName)
    app.get(`/${name}`, { config: { access: 'public', throttle: 'none' } }, async (_request, reply) =>
      reply.type(contentType).header('cache-control', 'public, max-age=31536000, immutable').send(content),
    )
  }
}

function readAsset(name: AssetName): Buffer {
  return readFileSync(new URL(`assets/${name}`, import.meta.url))
}
