import { mails } from '../../texts/en-mails.ts'
import type { MailContent, Pod } from '../content.ts'

/** To the address an account has, when another one was asked for. */
export function emailChangeAsked(pod: Pod, { username }: { username: string }): MailContent {
  const texts = mails.emailChangeAsked
  return {
    subject: texts.subject(pod.name),
    paragraphs: [mails.hello(username), texts.told(username, pod.name), texts.alarm],
    link: { label: texts.button, url: `${pod.publicUrl}/auth/password/reset` },
    notes: [],
  }
}
