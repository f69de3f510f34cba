/**
 * The server's policy asks for Trusted Types: a worker starts only from an address that this one rule has let through, our own
 * scripts and nothing else. The rule is made once for the page: a second one of the same name is refused.
 */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): { createScriptURL(address: string): unknown };
}

const ScriptPath = /^\/assets\/[\w.-]+\.js$/;

export function ownScript(address: string, page: string): string {
  const url = new URL(address, page);
  if (url.origin !== new URL(page).origin || !ScriptPath.test(url.pathname)) throw new TypeError("not a script of ours");
  return url.href;
}

const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
const policy = types?.createPolicy("united-urls", {
  // The development server has its own addresses, and no policy.
  createScriptURL: (address) => (import.meta.env.DEV ? address : ownScript(address, location.href)),
});

/** The address as the browser wants it; it throws where the address is not one of our scripts. */
export const scriptUrl = (address: string): string => (policy?.createScriptURL(address) ?? address) as string;
