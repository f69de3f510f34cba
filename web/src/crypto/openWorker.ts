import { type Client, connect } from "./channel";
import { scriptUrl } from "./trusted";
import workerAddress from "./worker.ts?worker&url";

/**
 * The engine of an account of this origin, in a worker of its own. Load this module only when it is needed.
 * @param died It did not start, or has ended by itself: every call fails from then on.
 */
export function openWorker(account: string, died: () => void = () => undefined): { readonly engine: Client; readonly close: () => void } {
  // Asked here because workers can't: keys are not to go when the disk is short.
  void navigator.storage?.persist();
  const worker = new Worker(scriptUrl(workerAddress), { type: "module", name: account });
  const close = (): void => worker.terminate();
  const engine = connect(worker);
  worker.addEventListener("error", () => {
    close();
    died();
  });
  return { engine, close };
}
