/**
 * What the library may refuse, a closed catalogue. Codes are stable: screens and tools choose their words by them, and
 * `acts` says who can mend it, so that nobody ever reads a bare "unable to decrypt".
 */
export const Refusals = {
  // Opening a message
  malformed: { acts: "sender", means: "It is not a dm1 payload." },
  unknown_version: { acts: "me", means: "It was made by a newer version of the client. Update this one." },
  not_authentic: { acts: "nobody", means: "It could not be verified: it was altered, or its author is not who the server says. It is not shown." },
  weak_key: { acts: "nobody", means: "A key in it is one that gives no secrecy. It is not shown." },
  malformed_content: { acts: "sender", means: "Its author's client made content that breaks the format." },
  unknown_content: { acts: "me", means: "It is of a kind that this version does not know. Update this client." },
  not_the_author: { acts: "nobody", means: "It wants to change a message that somebody else wrote." },
  key_deleted: { acts: "sender", means: "It was made for a key that you deleted. Ask for it to be sent again." },
  key_unknown: { acts: "me", means: "It was made for a key that this device does not have. Restore the newest backup." },
  no_own_copy: { acts: "nobody", means: "It was sent without a copy for your own devices." },
  not_a_participant: { acts: "nobody", means: "The server names an author who has no part in this conversation." },

  // Writing
  too_long: { acts: "me", means: "It is longer than 64 KiB." },
  no_peer_key: { acts: "peer", means: "They have not published a key yet." },
  identity_changed: { acts: "me", means: "Their identity key is not the one that you verified. Compare the safety number, or accept the new key." },
  unknown_conversation: { acts: "me", means: "This conversation has not been opened on this device." },

  // Keys
  bad_key: { acts: "nobody", means: "It is not a sound public key." },
  key_unsigned: { acts: "nobody", means: "The server hands out a key that its owner did not sign." },
  key_rollback: { acts: "nobody", means: "The server hands out an older key than it did before." },
  key_expired: { acts: "peer", means: "They have not been on line for more than 30 days after their key ran out." },

  // Account and backup
  bad_challenge: { acts: "nobody", means: "The server's challenge is not of the form that is signed." },
  no_identity: { acts: "me", means: "There is no identity on this device yet." },
  identity_exists: { acts: "me", means: "This device has an identity already." },
  bad_words: { acts: "me", means: "These are not 24 recovery words: one is unknown, missing or out of place." },
  weak_passphrase: { acts: "me", means: "A passphrase needs 12 characters at least." },
  vault_malformed: { acts: "nobody", means: "It is not a backup of this format." },
  vault_not_opened: { acts: "me", means: "The words or the passphrase do not open this backup, or it was altered." },
  vault_no_slot: { acts: "me", means: "This backup was not locked in that way. Use the other: words or passphrase." },
  vault_rollback: { acts: "nobody", means: "The server hands out an older backup than it did before." },
  vault_weak: { acts: "nobody", means: "The backup asks for a key derivation that is too weak or too costly." },
  vault_other_identity: { acts: "nobody", means: "The backup belongs to another identity." },
  vault_too_large: { acts: "me", means: "The backup is over 64 KiB." },
} as const satisfies Record<string, { readonly acts: Actor; readonly means: string }>;

export type Actor = "me" | "sender" | "peer" | "nobody";
export type RefusalCode = keyof typeof Refusals;

export interface Refusal {
  readonly code: RefusalCode;
  /** Unix milliseconds, with `key_deleted`: when. */
  readonly at?: number;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const refuse = (code: RefusalCode, at?: number): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: at === undefined ? { code } : { code, at },
});
