import { type Client, connect } from "./channel";

/** The engine of an account of this origin, in a worker of its own. Load this module only when it is needed. */
export function openWorker(account: string): { readonly engine: Client; readonly close: () => void } {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: account });
  return { engine: connect(worker), close: () => worker.terminate() };
}
