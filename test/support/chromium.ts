import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const flags = [
  ...['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
  ...['--disable-sync', '--disable-quic'],
]

/** A headless Chromium with a profile of its own that ends with it. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), headless: true, chromiumSandbox: false, args: flags })
}

function findChromium(): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  const found = process.env.CHROMIUM ?? candidates.find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    'These tests need Chromium. Install it (on Debian: apt-get install chromium), or name the program in CHROMIUM.',
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A third party's web app, on a loopback port of its own. */
export interface ClientSite {
  /** Its redirect URI. */
  callback: string
  /** What browsers sent to the redirect URI, newest last. */
  visits: { method: string; parameters: Record<string, string>; referer: string | undefined }[]
  close(): Promise<void>
}

export async function openClientSite(): Promise<ClientSite> {
  const visits: ClientSite['visits'] = []
  const server = createServer(({ method = '', url = '', headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    if (pathname === '/callback') {
      visits.push({ method, parameters: Object.fromEntries(searchParams), referer: headers.referer })
    }
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>The app</title><link rel="icon" href="data:,">')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { callback: `http://127.0.0.1:${port}/callback`, visits, close }
}
