import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

/** A small disk of its own for uploads; undefined where this user may not mount any. */
export function smallDisk(folder) {
  const media = join(folder, 'media')
  mkdirSync(media, { recursive: true })
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', media], { stdio: 'ignore' })
  if (status !== 0) return undefined
  // Before the folder is removed.
  process.prependOnceListener('exit', () => spawnSync('umount', ['-l', media]))
  return media
}

/** An upload that finds no room is told so, leaves nothing behind, and ends nothing. */
export async function testFullDisk(report, { visitor, cookies, disk }) {
  report.title('The disk of the media is full')
  if (disk === undefined) return console.log('  skipped: mounting a small disk needs root')
  const picture = await sharp({ create: { width: 600, height: 600, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
  const headers = { 'x-csrftoken': /csrftoken=([^;]+)/.exec(cookies)?.[1] }
  const upload = () => {
    const form = new FormData()
    form.set('file', new Blob([picture], { type: 'image/png' }), 'picture.png')
    return visitor.ask('/api/v1/attachments/', { form, cookies, headers })
  }
  const before = await upload()
  report.check('with room an upload works', before.status === 201, String(before.status))
  const filler = join(disk, 'filler')
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(filler, Buffer.alloc(bavail * bsize))
  const known = filesIn(disk)
  const full = await upload()
  report.check(
    'without room it is answered 503 with Retry-After',
    full.status === 503 && full.retryAfter > 0,
    `${full.status} ${full.text.slice(0, 80)}`,
  )
  const left = filesIn(disk).filter((file) => !known.includes(file))
  report.check('nothing half-written is left', left.length === 0, left.join(', '))
  report.check('the pod goes on', (await visitor.ask('/health/ready')).status === 200)
  unlinkSync(filler)
  const after = await upload()
  report.check('with room again an upload works again', after.status === 201, String(after.status))
}

/** Not those by which a process holds a folder. */
function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => join(entry.parentPath, entry.name)).filter((file) => !file.endsWith('.lock'))
}
