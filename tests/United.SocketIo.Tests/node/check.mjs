// The few words that the cases need, the same under Node and in a browser.
export function equal(actual, expected) {
  const [a, e] = [show(actual), show(expected)];
  if (a !== e) throw new Error(`expected ${e}, got ${a}`);
}

export function that(condition, what) {
  if (!condition) throw new Error(what);
}

/** The arguments of the next event of this name. */
export const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));

/** The arguments of the acknowledgement. */
export const ask = (socket, event, ...args) => new Promise((resolve) => socket.emit(event, ...args, (...answer) => resolve(answer)));

export const bytes = (value) => Array.from(new Uint8Array(value));

function show(value) {
  return JSON.stringify(value, (_, v) => (v instanceof ArrayBuffer || ArrayBuffer.isView(v) ? { bytes: bytes(v) } : v));
}
