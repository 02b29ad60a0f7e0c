import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { messageOf, type OutgoingMail } from './outgoing.ts'

/** Writes the mail as an .eml file, whole or not at all. Its links are as good as passwords: only the pod's user may read it. */
export async function writeToOutbox(folder: string, mail: OutgoingMail): Promise<void> {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const { message } = await composer.sendMail(messageOf(mail))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const name = `${new Date().toISOString().replace(/[:.]/g, '-')}-${mail.id}.eml`
  const unfinished = join(folder, `.${name}.unfinished`)
  await writeFile(unfinished, message, { mode: 0o600 })
  await rename(unfinished, join(folder, name))
}
