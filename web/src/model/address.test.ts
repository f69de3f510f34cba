import { expect, it } from "vitest";
import { isLoopback } from "./address";

it.each(["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])("%s is another machine for everybody", (host) => expect(isLoopback(host)).toBe(true));

it.each(["chat.example.org", "192.168.1.20", "localhost.example.org", "127.example.org"])("%s is the same machine for everybody", (host) => expect(isLoopback(host)).toBe(false));
