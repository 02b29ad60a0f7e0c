/**
 * Serves the single-page app; any web server does.
 *
 *   node examples/single-page-app/serve.mjs 8124
 */
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'

const port = Number(process.argv[2] ?? 8124)
const files = {
  '/': ['text/html', new URL('index.html', import.meta.url)],
  '/app.js': ['text/javascript', new URL('app.js', import.meta.url)],
  '/oauth4webapi.js': ['text/javascript', new URL(import.meta.resolve('oauth4webapi'))],
}

createServer((request, response) => {
  const [type, file] = files[request.url.split('?')[0]] ?? []
  if (file === undefined) return response.writeHead(404).end()
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` })
  createReadStream(file).pipe(response)
}).listen(port, '127.0.0.1', () => console.log(`Open http://127.0.0.1:${port}`))
