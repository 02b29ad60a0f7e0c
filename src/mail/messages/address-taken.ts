import { mails } from '../../texts/en-mails.ts'
import type { MailContent, Pod } from '../content.ts'

/** To who has confirmed an address that a new account was created with. */
export function addressTaken(
  pod: Pod,
  { username, newUsername }: { username: string; newUsername: string },
): MailContent {
  const texts = mails.addressTaken
  return {
    subject: texts.subject(pod.name),
    paragraphs: [mails.hello(username), texts.told(newUsername, pod.name), texts.owned(username), texts.forgotten],
    link: { label: texts.button, url: `${pod.publicUrl}/auth/password/reset` },
    notes: [],
  }
}
