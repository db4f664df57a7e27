import type { CollectionSpec, Document, DocumentStore } from '../../lib/document-store.ts';
import type { Settings, User } from '../../protocol/index.ts';

export type UserRow = Document & {
  readonly name: string;
  readonly email: string;
  /** Normalised address: what makes an account unique. */
  readonly emailKey: string;
  readonly role: User['role'];
  readonly disabled: boolean;
  readonly passwordHash: string;
  /** Counted up when all sessions end at once (password change, disabling): one write that no session survives. */
  readonly sessionVersion: number;
  /** The one session that survived the last count. */
  readonly keptSid?: string | null;
  readonly createdAt: string;
  /** Milliseconds since the epoch: the last sign-in or use of a session, with the precision of the sessions' own. */
  readonly lastSeenAt?: number;
  /** Limits of this person alone, over the server's; null or absent: the server's, 0: none. */
  readonly budget?: { readonly centsPerDay?: number | null; readonly centsPerMonth?: number | null };
  /** Milliseconds since the epoch: the rights of the administrator are being taken away (see `last-admin`). */
  readonly leavingSince?: number;
  readonly settings?: Settings;
};

export type SessionRow = Document & {
  readonly userId: string;
  readonly version: number;
  /** Milliseconds since the epoch, as the next three. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastSeenAt: number;
  readonly revokedAt: number | null;
  readonly client: string;
};

/** The claim to be the first user, who is the admin: its id is the lock. */
export type FirstAdminRow = Document & { readonly userId: string; readonly claimedAt: number };

export const accountCollections: readonly CollectionSpec[] = [
  {
    name: 'users',
    indexes: [
      { name: 'usersEmail', fields: ['emailKey'], unique: true },
      { name: 'usersCreated', fields: ['createdAt'] },
      { name: 'usersRole', fields: ['role', 'disabled'] },
    ],
  },
  {
    name: 'sessions',
    indexes: [
      { name: 'sessionsUser', fields: ['userId', 'createdAt'] },
      { name: 'sessionsExpiry', fields: ['expiresAt'] },
    ],
  },
  { name: 'claims', indexes: [] },
];

/** What may leave the server about a user. */
export function userFrom(row: UserRow): User {
  return { id: row.id, name: row.name, email: row.email, role: row.role };
}

/** The form under which an address is unique: compatibility-normalised, trimmed, lower case. */
export function emailKeyFrom(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}

export async function findUserByEmail(documents: DocumentStore, emailKey: string): Promise<UserRow | null> {
  const page = await documents.find<UserRow>('users', { index: 'usersEmail', where: { emailKey }, limit: 1 });
  return page.items[0] ?? null;
}
