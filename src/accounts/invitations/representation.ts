import type { z } from 'zod'
import type { User } from '../../db/generated/client.ts'
import type { InvitationWithPeople } from './invitations.ts'
import type { invitation } from './schemas.ts'

export function representInvitation(row: InvitationWithPeople): z.output<typeof invitation> {
  const { owner, invitedUser } = row
  return {
    id: row.id,
    owner: owner === null ? null : representPerson(owner),
    invited_user: invitedUser?.id ?? null,
    code: row.code,
    expiration_date: row.expiresAt,
    creation_date: row.createdAt,
    users: invitedUser === null ? [] : [representPerson(invitedUser)],
  }
}

function representPerson(user: User) {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    name: user.name,
    is_active: user.isActive,
    is_staff: user.isStaff,
    is_superuser: user.isSuperuser,
    date_joined: user.createdAt,
    last_activity: user.lastActivityAt,
    privacy_level: user.privacyLevel,
  }
}
