import { randomInt } from 'node:crypto'
import type { Config } from '../../config.ts'
import { type Database, isUniqueViolation } from '../../db/database.ts'
import type { Invitation, Prisma, User } from '../../db/generated/client.ts'
import { invalidField } from '../../lib/problem.ts'

const day = 24 * 60 * 60 * 1000

/** An invitation, who made it and who has used it. */
export type InvitationWithPeople = Invitation & { owner: User | null; invitedUser: User | null }

const people = { owner: true, invitedUser: true } as const satisfies Prisma.InvitationInclude

/**
 * @param code made up if left out
 * @throws Problem `invalid` naming `code` when there is one like it, in whatever letter case
 */
export async function createInvitation(
  db: Database,
  { usersInvitationExpirationDays }: Pick<Config, 'usersInvitationExpirationDays'>,
  { code = newCode(), ownerId }: { code?: string | undefined; ownerId?: number | undefined } = {},
): Promise<InvitationWithPeople> {
  const now = new Date()
  const expiresAt = new Date(now.getTime() + usersInvitationExpirationDays * day)
  try {
    return await db.invitation.create({
      data: { code, codeKey: keyOfCode(code), ownerId: ownerId ?? null, createdAt: now, expiresAt },
      include: people,
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw invalidField('code', 'An invitation with this code already exists.')
    throw error
  }
}

export interface InvitationFilter {
  /** Part of the code, or of the name or address of who made it. */
  q?: string | undefined
  /** Whether somebody can still sign up with it. */
  isOpen?: boolean | undefined
}

/** Newest first. */
export async function listInvitations(
  db: Database,
  filter: InvitationFilter = {},
  page?: { skip: number; take: number },
): Promise<{ count: number; invitations: InvitationWithPeople[] }> {
  const where = whereOf(filter)
  const [count, invitations] = await Promise.all([
    db.invitation.count({ where }),
    db.invitation.findMany({ where, include: people, orderBy: { id: 'desc' }, ...page }),
  ])
  return { count, invitations }
}

/** Deletes those that nobody has signed up with, and no others. @returns how many */
export async function deleteInvitations(db: Database, filter: InvitationFilter & { ids?: number[] }): Promise<number> {
  const chosen = filter.ids === undefined ? {} : { id: { in: filter.ids } }
  const { count } = await db.invitation.deleteMany({
    where: { AND: [whereOf(filter), openNow(), chosen] },
  })
  return count
}

/** @returns whether there was one that nobody has used */
export async function deleteInvitation(db: Database, code: string): Promise<boolean> {
  const { count } = await db.invitation.deleteMany({ where: { codeKey: keyOfCode(code), invitedUserId: null } })
  return count === 1
}

/** Whether somebody can sign up with the code. */
export async function isInvitation(db: Database, code: string): Promise<boolean> {
  return (await db.invitation.count({ where: { AND: [{ codeKey: keyOfCode(code) }, openNow()] } })) > 0
}

/**
 * Marks the invitation as used by somebody new: of several at a time, one can.
 * @throws Problem `invalid` naming `invitation`
 */
export async function redeemInvitation(db: Database, code: string, invitedUserId: number): Promise<void> {
  const { count } = await db.invitation.updateMany({
    where: { AND: [{ codeKey: keyOfCode(code) }, openNow()] },
    data: { invitedUserId },
  })
  if (count === 0) throw badInvitation()
}

export function badInvitation() {
  return invalidField('invitation', 'Invalid invitation code.')
}

function openNow(): Prisma.InvitationWhereInput {
  return { invitedUserId: null, expiresAt: { gt: new Date() } }
}

function whereOf({ q, isOpen }: InvitationFilter): Prisma.InvitationWhereInput {
  const parts: Prisma.InvitationWhereInput[] = []
  if (isOpen !== undefined) parts.push(isOpen ? openNow() : { NOT: openNow() })
  if (q !== undefined && q !== '') {
    const contains = q.toLowerCase()
    const owner = [{ usernameKey: { contains } }, { emailKey: { contains } }]
    parts.push({ OR: [{ codeKey: { contains } }, ...owner.map((of) => ({ owner: of }))] })
  }
  return { AND: parts }
}

function keyOfCode(code: string): string {
  return code.toLowerCase()
}

/** Ten capital letters, to be guarded by the limit on sign-ups. */
function newCode(): string {
  return Array.from({ length: 10 }, () => String.fromCharCode(65 + randomInt(26))).join('')
}
