import type { Message, Reaction } from "../wire/shapes";
import { Store } from "./Store";
import { reacted } from "./timeline";

/** Message → emoji → whether I want it to stand. */
export type WantedReactions = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

export interface ReactionsHost {
  readonly react: (messageId: string, emoji: string) => Promise<unknown>;
  readonly takeBack: (messageId: string, emoji: string) => Promise<unknown>;
  readonly failed: (error: unknown) => void;
}

/** The push follows the answer at once; until then the wish is shown. */
const EventWithin = 3_000;

/**
 * My reactions at once, before the server has said anything: wishes laid over the confirmed ones, taken away when they
 * failed or when the confirmed ones must long have followed. The confirmed messages are never touched.
 */
export class Reactions {
  readonly state = new Store<WantedReactions>(new Map());
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly me: string,
    private readonly host: ReactionsHost,
  ) {}

  toggle(message: Message, emoji: string): void {
    const shown = withWanted(message, this.state.get().get(message.id), this.me);
    const wanted = !shown.some((reaction) => reaction.emoji === emoji && reaction.userIds.includes(this.me));
    this.want(message.id, emoji, wanted);
    const key = `${message.id} ${emoji}`;
    const turn = (this.turns.get(key) ?? Promise.resolve())
      .then(() => (wanted ? this.host.react(message.id, emoji) : this.host.takeBack(message.id, emoji)))
      .then(
        () => void setTimeout(() => this.turns.get(key) === turn && this.want(message.id, emoji, null), EventWithin),
        (error: unknown) => {
          this.want(message.id, emoji, null);
          this.host.failed(error);
        },
      );
    this.turns.set(key, turn);
  }

  private want(messageId: string, emoji: string, wanted: boolean | null): void {
    const here = new Map(this.state.get().get(messageId));
    if (wanted === null) here.delete(emoji);
    else here.set(emoji, wanted);
    const all = new Map(this.state.get());
    if (here.size === 0) all.delete(messageId);
    else all.set(messageId, here);
    this.state.set(all);
  }
}

export function withWanted(message: Message, wanted: ReadonlyMap<string, boolean> | undefined, me: string): readonly Reaction[] {
  return [...(wanted ?? [])].reduce((reactions, [emoji, stands]) => reacted(reactions, emoji, me, stands), message.reactions);
}
