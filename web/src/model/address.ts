/** Whether a host's name means the very machine that it is asked on, and so another one for everybody else. */
export const isLoopback = (host: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(host);
