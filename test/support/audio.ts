import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Where a committed recording is. */
export function audioFixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/audio/${name}`, import.meta.url))
}

/** Frames of ID3v2.4 by their ids; `TXXX:…` is a text that a program has named. */
export type Id3 = Record<string, string>

/** A second of sound with these tags. Different tags make different bytes. */
export async function anMp3(tags: Id3 = {}, picture?: Uint8Array): Promise<Buffer> {
  const frames = Object.entries(tags).map(([id, text]) => textFrame(id, text))
  if (picture !== undefined) frames.push(frame('APIC', '\x00image/png\x00\x03\x00', picture))
  const body = Buffer.concat(frames)
  const header = Buffer.concat([Buffer.from('ID3\x04\x00\x00', 'latin1'), syncSafe(body.length)])
  return Buffer.concat([header, body, await readFile(audioFixture('tone.mp3'))])
}

function textFrame(id: string, text: string): Buffer {
  const [name = '', description] = id.split(':')
  if (name === 'UFID') return frame('UFID', `http://musicbrainz.org\x00${text}`)
  if (name === 'WCOP') return frame(name, text)
  const start = description === undefined ? '' : `${description}\x00`
  // 3 = UTF-8
  return frame(name, '\x03', Buffer.from(start + text))
}

function frame(id: string, start: string, rest: Uint8Array = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(start, 'latin1'), rest])
  return Buffer.concat([Buffer.from(id), syncSafe(body.length), Buffer.alloc(2), body])
}

/** Seven bits a byte, so that no part of a tag looks like sound. */
function syncSafe(length: number): Buffer {
  return Buffer.from([21, 14, 7, 0].map((bits) => (length >> bits) & 0x7f))
}
