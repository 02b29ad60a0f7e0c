const reserved = [
  ...['_', '-', 'actor', 'admin', 'contact', 'funkwhale', 'ghost', 'hello', 'inbox', 'instance', 'library', 'me'],
  ...['outbox', 'owner', 'root', 'service', 'shared-inbox', 'shared_inbox', 'staff', 'status', 'superuser', 'test'],
  ...['administrator', 'baleen', 'moderator', 'postmaster', 'security', 'support', 'system', 'webmaster'],
]

/** Names that somebody could take for the pod's own. */
export const reservedUsernames: ReadonlySet<string> = new Set(reserved)
