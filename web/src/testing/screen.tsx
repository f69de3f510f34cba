import { act, cleanup, render } from "@testing-library/react";
import { vi } from "vitest";
import { App } from "../app/App";
import { AppContext } from "../features/app";
import { Session } from "../model/Session";
import { Settings } from "../model/Settings";
import { Router } from "../ui/Router";
import { Api } from "../wire/Api";
import { Tokens } from "../wire/Tokens";
import { FakeServer } from "./FakeServer";
import { FakeSocket } from "./FakeSocket";

export interface Stage {
  readonly server: FakeServer;
  readonly session: Session;
  readonly router: Router;
  /** Lets what is under way happen: timers, answers, pushes. */
  readonly settle: () => Promise<void>;
}

let leave: () => void = () => undefined;

/** The whole client in a test's document, in front of a {@link FakeServer}. */
export async function stage(path: string, prepare: (server: FakeServer) => void = () => undefined): Promise<Stage> {
  localStorage.clear();
  FakeSocket.all.length = 0;
  history.replaceState(null, "", path);
  const server = new FakeServer();
  prepare(server);
  server.install();
  lackingInHappyDom();
  const platform = { storage: localStorage, socketUrl: "ws://test/ws", dial: FakeSocket.dial, online: () => true, soon: (work: () => void) => work() };
  const session = new Session(new Api(new Tokens(localStorage, false)), platform);
  const router = new Router(window);
  const settle = async (): Promise<void> => {
    await act(async () => {
      for (let turn = 0; turn < 5; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (FakeSocket.all.length > 0) server.pump();
      }
    });
  };
  leave = () => session.signedOutElsewhere();
  render(
    <AppContext value={{ session, router, settings: new Settings(localStorage), setupToken: new URLSearchParams(location.search).get("token") }}>
      <App />
    </AppContext>,
  );
  await act(() => session.start());
  return { server, session, router, settle };
}

/** The same, signed in and connected. */
export async function signedIn(path = "/channels/c", prepare?: (server: FakeServer) => void): Promise<Stage> {
  const made = await stage(path, prepare);
  await act(() => made.session.logIn("ada", "a long password"));
  await made.settle();
  await act(async () => made.server.connect());
  await made.settle();
  return made;
}

export function strike(): void {
  leave();
  cleanup();
  vi.unstubAllGlobals();
}

/** What browsers have and the tests' document has not. */
function lackingInHappyDom(): void {
  HTMLElement.prototype.showPopover ??= () => undefined;
  Element.prototype.scrollBy ??= () => undefined;
  CSS.supports ??= () => true;
  vi.stubGlobal("isSecureContext", true);
}
