import { createTransport } from 'nodemailer'
import PostalMime from 'postal-mime'
import { describe, expect, test } from 'vitest'
import type { MailContent } from '../../src/mail/content.ts'
import { layOutHtml, layOutText } from '../../src/mail/layout.tsx'
import { addressTaken } from '../../src/mail/messages/address-taken.ts'
import { changeEmail } from '../../src/mail/messages/change-email.ts'
import { emailChangeAsked } from '../../src/mail/messages/email-change-asked.ts'
import { emailChanged } from '../../src/mail/messages/email-changed.ts'
import { passwordChanged } from '../../src/mail/messages/password-changed.ts'
import { resetPassword } from '../../src/mail/messages/reset-password.ts'
import { verifyEmail } from '../../src/mail/messages/verify-email.ts'
import { messageOf, type OutgoingMail } from '../../src/mail/outgoing.ts'

const pod = { name: 'Pod of Tests', publicUrl: 'https://pod.example' }
const link = 'https://pod.example/auth/x?y=z'

const everyMessage: Record<string, MailContent> = {
  addressTaken: addressTaken(pod, { username: 'alice', newUsername: 'alice2' }),
  changeEmail: changeEmail(pod, { username: 'alice', link }),
  emailChangeAsked: emailChangeAsked(pod, { username: 'alice' }),
  emailChanged: emailChanged(pod, { username: 'alice' }),
  passwordChanged: passwordChanged(pod, { username: 'alice' }),
  resetPassword: resetPassword(pod, { username: 'alice', link }),
  verifyEmail: verifyEmail(pod, { username: 'alice', link }),
}

async function rawOf(changes: Partial<OutgoingMail>): Promise<string> {
  const mail = { id: 1n, from: { name: 'Pod', address: 'noreply@pod.example' }, to: 'alice@example.org' }
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message } = await composer.sendMail(
    messageOf({ ...mail, subject: 's', text: 't', html: '<p>h</p>', ...changes }),
  )
  return String(message)
}

describe.each(Object.entries(everyMessage))('%s', (_name, content) => {
  test('says in text and in HTML whose account on which pod it is about, and where the link leads', () => {
    for (const laidOut of [layOutText(content, pod), layOutHtml(content, pod)]) {
      expect(laidOut).toContain('alice')
      expect(laidOut).toContain('Pod of Tests')
      expect(laidOut).toContain('https://pod.example')
      if (content.link) expect(laidOut).toContain(content.link.url)
    }
  })

  test('loads nothing and runs nothing', () => {
    expect(layOutHtml(content, pod)).not.toMatch(/<(script|img|link|iframe|form)|url\(/)
  })
})

describe('no text becomes another header or recipient', () => {
  const evil = 'x\r\nBcc: victim@example.org\r\n\r\nbody'

  test.each([
    ['the name of the pod', { from: { name: evil, address: 'noreply@pod.example' } }],
    ['the subject', { subject: evil }],
    ['the address', { to: 'alice@example.org\r\nBcc: victim@example.org' }],
    ['a list of addresses', { to: 'alice@example.org, victim@example.org' }],
  ])('%s', async (_where, changes) => {
    const raw = await rawOf(changes)
    const { bcc, cc, to } = await PostalMime.parse(raw)
    expect(raw).not.toMatch(/^(bcc|cc):/im)
    expect([bcc ?? [], cc ?? []]).toEqual([[], []])
    expect((to ?? []).map(({ address }) => address)).not.toContain('victim@example.org')
  })

  test('nor markup', () => {
    const html = layOutHtml(verifyEmail({ ...pod, name: '<b>"&' }, { username: 'alice', link }), pod)
    expect(html).not.toContain('<b>')
  })
})
