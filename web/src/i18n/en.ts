import type { PresenceStatus, Role } from "../wire/shapes";
import { encrypted } from "./encrypted";
import { plural } from "./format";

const people = (count: number): string => plural("en", count, { one: "1 person", other: `${count} people` });

/** English is the type: another language is a `Catalogue`, and a missing text does not compile. */
export const en = {
  language: "en",
  product: "United",

  common: {
    cancel: "Cancel",
    close: "Close",
    back: "Back",
    retry: "Try again",
    save: "Save",
    copy: "Copy",
    copied: "Copied",
    next: "Continue",
    optional: "optional",
    dismiss: "Dismiss",
    loading: "Loading",
  },

  account: {
    username: "Username",
    usernameHint: "2 to 32 small letters, digits, dots, dashes or underscores. People mention you with it.",
    displayName: "Name",
    displayNameHint: "As others see it. It can be changed later.",
    password: "Password",
    newPasswordHint: "At least 10 characters. Any will do; longer is better.",
    showPassword: "Show password",
    hidePassword: "Hide password",
    usernameForm: "Use 2 to 32 of a–z, 0–9, dot, dash and underscore.",
    displayNameForm: "Use 1 to 64 visible characters.",
    passwordForm: "Use 10 to 256 characters.",
    passwordEasy: "This is too easy to guess. Use a longer or less common one.",
  },

  signIn: {
    title: (server: string) => `Sign in to ${server}`,
    action: "Sign in",
    noAccount: "No account yet?",
    register: "Create one",
    byInvitation: "New accounts are made by invitation: ask a member for a link.",
    ended: "You were signed out on this device. Sign in to go on; what you had written is still here.",
  },

  register: {
    title: (server: string) => `Join ${server}`,
    action: "Create account",
    haveAccount: "Have an account already?",
    signIn: "Sign in",
    invitedBy: (name: string) => `${name} invited you. Make an account, and you are in.`,
    invited: "You have been invited. Make an account, and you are in.",
    needsInvitation: "This server takes new members by invitation only. Ask a member for a link.",
    closed: "This server takes no new accounts.",
    badInvitation: "This invitation does not work",
    badInvitationWhy: "It has expired, is used up, or was withdrawn. Ask whoever sent it for a new one.",
  },

  setup: {
    step: (at: number, of: number) => `Step ${at} of ${of}`,
    ownerTitle: "Set up your server",
    ownerIntro: "You are the first one here. Make the owner’s account: it can do everything on this server.",
    ownerAction: "Create owner account",
    serverTitle: "Your server",
    serverIntro: "How it is called, and who may join it. Both can be changed later.",
    serverName: "Server name",
    serverNameForm: "Use 1 to 64 characters.",
    registration: "Who may join",
    modes: {
      invite: ["By invitation", "Members share links; nobody else gets in."],
      open: ["Everybody", "Whoever finds the address can make an account."],
      closed: ["Nobody", "No new accounts, for now."],
    },
    inviteTitle: "Bring somebody in",
    inviteIntro: "Send this link to the people you want to talk with. It works for 7 days.",
    finish: "Go to #general",
    done: "This server has been set up already.",
    doneWhy: "The link has done its work. Sign in with your account, or ask the owner for an invitation.",
    tokenInvalid: "This set-up link is not valid",
    tokenInvalidWhy: "Open the link that the server printed when it started. Restarting it prints the link again.",
  },

  list: {
    channels: "Channels",
    createChannel: "Create a channel",
    invite: "Invite people",
    empty: "No channels yet",
    emptyHint: "Channels are where everybody talks.",
    failed: "The channels could not be loaded.",
    unread: (count: number) => plural("en", count, { one: "1 unread message", other: `${count} unread messages` }),
    mentions: (count: number) => plural("en", count, { one: "1 mention", other: `${count} mentions` }),
    draft: "Draft",
    private: "Private channel",
    pick: "Pick a channel to read.",
    shown: (count: number) => (count >= 999 ? "999+" : String(count)),
  },

  channel: {
    name: "Name",
    nameHint: "Short and plain, for example “garden”.",
    nameForm: "Use 1 to 64 characters.",
    topic: "Topic",
    topicHint: "What it is for.",
    create: "Create channel",
    members: "Members",
    showMembers: "Show members",
    hideMembers: "Hide members",
    backToList: "Back to channels",
    start: (name: string) => `This is the start of #${name}`,
    startHint: "Nobody has written here before you.",
    failed: "The messages could not be loaded.",
    failedOlder: "Older messages could not be loaded.",
    failedNewer: "Newer messages could not be loaded.",
    gone: "You cannot see this channel any more",
    goneHint: "It was deleted, or you were taken out of it.",
    newLine: "New",
    present: "Jump to present",
    newSince: (count: number, time: string) =>
      plural("en", count, { one: `1 new message since ${time}`, other: `${count} new messages since ${time}` }),
    messages: (name: string) => `Messages in ${name}`,
    arrived: (name: string, text: string) => `${name}: ${text}`,
    arrivedMany: (count: number, name: string) => `${count} new messages, last from ${name}`,
  },

  message: {
    edited: "edited",
    editedAt: (time: string) => `Edited ${time}`,
    reply: "Reply",
    edit: "Edit",
    remove: "Delete",
    react: "React",
    actions: "Message actions",
    replyingTo: (name: string) => `Replying to ${name}`,
    stopReplying: "Do not reply",
    originGone: "message deleted",
    goToOrigin: (name: string) => `Go to the message of ${name}`,
    removeTitle: "Delete this message?",
    removeWhy: "It goes for everybody, and cannot be brought back.",
    sending: "Sending",
    waiting: "Waiting for the connection",
    failed: "Not sent",
    retry: "Try again",
    discard: "Delete",
    toComposer: "Edit",
    someone: "someone",
    role: "role",
    deletedAccount: "deleted account",
    emptied: "An empty message is no message: delete it instead?",
    editing: "Edit message",
    editKeys: "Enter saves, Escape leaves",
    unsupported: "This message has a form that this version cannot show.",
    reactions: (emoji: string, names: string, more: number) =>
      more > 0 ? `${names} and ${people(more)} reacted with ${emoji}` : `${names} reacted with ${emoji}`,
    you: "You",
  },

  composer: {
    label: (name: string) => `Message #${name}`,
    send: "Send",
    readOnly: "This channel is read-only.",
    left: (count: number) => plural("en", count, { one: "1 character left", other: `${count} characters left` }),
    over: (count: number) => plural("en", count, { one: "1 character too many", other: `${count} characters too many` }),
  },

  typing: {
    one: (name: string) => `${name} is typing…`,
    two: (first: string, second: string) => `${first} and ${second} are typing…`,
    several: "Several people are typing…",
  },

  members: {
    title: "Members",
    online: (count: number) => `Online — ${count}`,
    offline: (count: number) => `Offline — ${count}`,
    failed: "The members could not be loaded.",
    onlyYou: "Only you so far",
    onlyYouHint: "Invite somebody, and they show up here.",
    more: "This server has more members than are listed here.",
    you: "you",
  },

  presence: {
    online: "Online",
    away: "Away",
    dnd: "Do not disturb",
    offline: "Offline",
  } satisfies Record<PresenceStatus, string>,

  roles: { owner: "Owner", admin: "Admin", member: "Member" } satisfies Record<Role, string>,

  encrypted,

  invite: {
    title: "Invite people",
    intro: "Whoever opens the link can make an account on this server.",
    lifetime: "Works for",
    lifetimes: { hour: "1 hour", day: "1 day", week: "7 days", ever: "ever" },
    uses: "Can be used",
    useCounts: { one: "once", five: "5 times", many: "25 times", any: "without limit" },
    create: "Create link",
    link: "Invitation link",
    another: "Create another",
  },

  me: {
    menu: "Your settings",
    status: "Status",
    theme: "Appearance",
    themes: { system: "Like the system", light: "Light", dark: "Dark" },
    signOut: "Sign out",
    unsentTitle: (count: number) =>
      plural("en", count, { one: "One message has not been sent", other: `${count} messages have not been sent` }),
    unsentWhy: "If you sign out now they are lost.",
    signOutAnyway: "Sign out and lose them",
  },

  connection: {
    connecting: "Connecting…",
    syncing: "Catching up…",
    offline: "You are offline. Messages are kept and sent later.",
    unreachable: "The server does not answer",
    unreachableWhy: "It may be starting, or your connection is down.",
  },

  skip: { toMessages: "Skip to messages", toComposer: "Skip to writing" },
  notFound: { title: "There is nothing at this address", home: "Go to your channels" },

  /** Refusals, by their stable code. */
  problems: {
    validation_failed: "The server did not accept this. Check what you entered.",
    malformed: "The server could not read the request.",
    too_large: "This is too large.",
    unauthorized: "Sign in first.",
    forbidden: "You may not do this.",
    not_found: "This is not there any more.",
    conflict: "This is at odds with what is already there.",
    rate_limited: "That was a little fast. Wait a moment and try again.",
    no_identity_key: "There is no key that belongs to your account yet.",
    signature_invalid: "The server takes no other key for your account. Ask a moderator to let you make new ones.",
    unavailable: "The server cannot take this right now. Try again in a moment.",
    internal: "Something went wrong.",
    invalid_credentials: "The username or the password is wrong.",
    session_ended: "You were signed out.",
    registration_closed: "This server takes no new accounts.",
    invite_invalid: "This invitation has expired, is used up, or was withdrawn.",
    setup_token_invalid: "This set-up link is not valid.",
    setup_done: "This server has been set up already.",
    username_taken: "This username is taken.",
    name_taken: "This name is taken.",
    read_only: "This channel is read-only.",
    too_many: "There is a limit on how many of these there may be.",
    network: "The server cannot be reached. Check your connection.",
    timeout: "The server did not answer in time.",
  } as Readonly<Record<string, string>>,
  waitSeconds: (seconds: number) =>
    plural("en", seconds, { one: "Too many attempts. Try again in 1 second.", other: `Too many attempts. Try again in ${seconds} seconds.` }),
};

export type Catalogue = typeof en;
