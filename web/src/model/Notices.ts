import { isProblem } from "../wire/problem";
import { newId } from "./ids";
import { Store } from "./Store";

export interface Notice {
  readonly id: string;
  /** The code of a refusal, or of something that was done. */
  readonly code: string;
}

const Shown = 6_000;
const Most = 2;

/** Short words about what just happened, that go by themselves. Never for what needs an answer. */
export class Notices {
  readonly state = new Store<readonly Notice[]>([]);

  readonly failed = (error: unknown): void => this.tell(isProblem(error) ? error.code : "internal");

  tell(code: string): void {
    const id = newId();
    this.state.update((all) => [...all, { id, code }].slice(-Most));
    setTimeout(() => this.dismiss(id), Shown);
  }

  dismiss(id: string): void {
    this.state.update((all) => (all.some((one) => one.id === id) ? all.filter((one) => one.id !== id) : all));
  }
}
