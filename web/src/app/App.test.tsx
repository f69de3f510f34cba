import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { signedIn, stage, strike } from "../testing/screen";

afterEach(strike);

const composer = (): HTMLElement => screen.getByRole("textbox", { name: "Message #general" });
const row = (text: string): HTMLElement => {
  const article = screen.getByText(text).closest("article");
  if (article === null) throw new Error(`"${text}" is in no row`);
  return article;
};

describe("getting in", () => {
  it("says in words why somebody was not let in", async () => {
    await stage("/", (server) => server.refusals.set("/api/auth/login", { code: "invalid_credentials", status: 401 }));
    await userEvent.type(screen.getByLabelText("Username"), "ada");
    await userEvent.type(screen.getByLabelText("Password"), "wrong");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The username or password is wrong.");
  });

  it("begins at the first field, but not on a touch screen, where the keyboard would cover the card", async () => {
    await stage("/");
    expect(screen.getByLabelText("Username")).toHaveFocus();
    strike();
    vi.spyOn(window, "matchMedia").mockReturnValue({ matches: true, addEventListener: () => undefined, removeEventListener: () => undefined } as unknown as MediaQueryList);
    await stage("/");
    expect(screen.getByLabelText("Username")).not.toHaveFocus();
  });

  it("offers the owner's account while there is none, and checks it before it is sent", async () => {
    const { server } = await stage("/setup?token=abc", (one) => (one.info = { ...one.info, setup_needed: true }));
    await userEvent.type(screen.getByLabelText("Username"), "a");
    await userEvent.type(screen.getByLabelText("Password"), "short");
    await userEvent.click(screen.getByRole("button", { name: "Create owner account" }));
    expect(screen.getByLabelText("Username")).toHaveAccessibleDescription(/2 to 32/);
    expect(screen.getByLabelText("Password")).toHaveAccessibleDescription(/10 to 256/);
    expect(server.calls).not.toContain("POST /api/auth/register");
    expect(screen.getByLabelText("Username")).toHaveFocus();
  });

  it("asks nobody while a field is empty", async () => {
    const { server } = await stage("/");
    await userEvent.type(screen.getByLabelText("Username"), "ada");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(screen.getByLabelText("Password")).toHaveAccessibleDescription("Enter your password.");
    expect(screen.getByLabelText("Password")).toHaveFocus();
    expect(server.calls).not.toContain("POST /api/auth/login");
  });

  it("puts a refused name at its field, and takes it away when the name changes", async () => {
    await stage("/invite/code", (server) => server.refusals.set("/api/auth/register", { code: "username_taken", status: 409 }));
    await userEvent.type(screen.getByLabelText("Username"), "ada");
    await userEvent.type(screen.getByLabelText("Password"), "a long password");
    await userEvent.click(screen.getByRole("button", { name: "Create account" }));
    await waitFor(() => expect(screen.getByLabelText("Username")).toHaveAccessibleDescription("This username is taken."));
    expect(screen.getByLabelText("Username")).toHaveFocus();
    await userEvent.type(screen.getByLabelText("Username"), "2");
    expect(screen.getByLabelText("Username")).not.toHaveAccessibleDescription("This username is taken.");
  });

  it("says who invites, and that an invitation is no good", async () => {
    await stage("/invite/code");
    expect(await screen.findByText(/^Bob invited you/)).toBeInTheDocument();
    strike();
    await stage("/invite/code", (server) => server.refusals.set("/api/invites/code", { code: "not_found", status: 404 }));
    expect(await screen.findByRole("heading", { name: "This invitation does not work" })).toBeInTheDocument();
  });
});

describe("the window", () => {
  const icon = document.head.appendChild(Object.assign(document.createElement("link"), { rel: "icon" }));

  it("says in its title and icon what is unread elsewhere, and nothing of it once I have left", async () => {
    const { server, session, settle } = await signedIn("/channels/nowhere");
    expect(document.title).toBe("Test");
    server.channel.post("bob", { content: "hello" });
    await settle();
    expect([document.title, icon.getAttribute("href")]).toEqual(["• Test", "/favicon-unread.svg"]);
    await act(() => session.logOut());
    expect([document.title, icon.getAttribute("href")]).toEqual(["Sign in to Test", "/favicon.svg"]);
  });

  it("says where it is", async () => {
    await signedIn();
    expect(document.title).toBe("#general — Test");
  });
});

describe("a dialog", () => {
  it("begins at its first field, and where there is none, at its beginning", async () => {
    const { server, settle } = await signedIn();
    await userEvent.click(screen.getByRole("button", { name: "Create a channel" }));
    expect(screen.getByRole("textbox", { name: "Name" })).toHaveFocus();
    await userEvent.click(screen.getByRole("button", { name: "Create channel" }));
    expect(screen.getByRole("textbox", { name: "Name" })).toHaveAccessibleDescription("Use 1 to 64 characters.");
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    server.channel.post("bob", { content: "what do you think?" });
    await settle();
    row("what do you think?").focus();
    await userEvent.keyboard("{Delete}");
    expect(screen.getByRole("dialog")).toHaveFocus();
  });
});

describe("a conversation", () => {
  it("says so where the list could not be loaded, and loads it on request", async () => {
    const { server, settle } = await signedIn("/channels/c", (one) => one.refusals.set("/api/channels", { code: "unavailable", status: 503 }));
    const main = screen.getByRole("main");
    expect(within(main).getByRole("heading")).toHaveTextContent("The channels could not be loaded.");
    server.refusals.clear();
    await userEvent.click(within(main).getByRole("button", { name: "Try again" }));
    await settle();
    expect(composer()).toBeInTheDocument();
  });

  it("shows what others write as it comes", async () => {
    const { server, settle } = await signedIn();
    server.channel.post("bob", { content: "good morning", senderName: "Bob" });
    await settle();
    expect(within(row("good morning")).getAllByText("Bob")).not.toHaveLength(0);
  });

  it("sends with Enter, keeps the row, and empties the composer at once", async () => {
    const { settle } = await signedIn();
    await userEvent.type(composer(), "hello{Shift>}{Enter}{/Shift}there{Enter}");
    const pending = row("hello there");
    expect(composer()).toHaveValue("");
    await settle();
    expect(row("hello there")).toHaveAttribute("data-key", pending.dataset["key"]);
    expect(screen.getAllByRole("article")).toHaveLength(1);
  });

  it("keeps a refused message with what can be done about it", async () => {
    const { server, settle } = await signedIn();
    server.refusals.set("sendMessage", { code: "read_only", status: 403 });
    await userEvent.type(composer(), "refused{Enter}");
    await settle();
    expect(within(row("refused")).getByRole("alert")).toHaveTextContent("Not sent. This channel is read-only.");
    server.refusals.clear();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settle();
    expect(within(row("refused")).queryByRole("alert")).toBeNull();
    expect(server.channel.lastSequence).toBe(1);
  });

  it("gives a refused message back to the composer, before what was written since", async () => {
    const { server, settle } = await signedIn();
    server.refusals.set("sendMessage", { code: "read_only", status: 403 });
    await userEvent.type(composer(), "refused{Enter}");
    await settle();
    await userEvent.type(composer(), "later");
    await userEvent.click(screen.getByRole("button", { name: "Edit" }));
    expect(composer()).toHaveValue("refused\nlater");
  });

  it("does not send while an input method composes", async () => {
    const { server } = await signedIn();
    await userEvent.type(composer(), "にほん");
    composer().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, isComposing: true } as KeyboardEventInit));
    expect(composer()).toHaveValue("にほん");
    expect(server.channel.lastSequence).toBe(0);
  });

  it("edits the last message of mine from an empty composer, and leaves it on Escape", async () => {
    const { server, settle } = await signedIn();
    await userEvent.type(composer(), "first try{Enter}");
    await settle();
    await userEvent.type(composer(), "{ArrowUp}");
    const box = screen.getByRole("textbox", { name: "Edit message" });
    fireEvent.keyDown(box, { key: "Enter", keyCode: 229 });
    expect(box).toBeInTheDocument();
    await userEvent.clear(box);
    await userEvent.type(box, "second try{Enter}");
    await settle();
    expect(row("second try")).toHaveTextContent("(edited)");
    await userEvent.type(composer(), "{ArrowUp}");
    await userEvent.type(screen.getByRole("textbox", { name: "Edit message" }), " and more{Escape}");
    expect(screen.queryByRole("textbox", { name: "Edit message" })).toBeNull();
    expect(server.channel.lastSequence).toBe(1);
    expect(row("second try")).toBeInTheDocument();
  });

  it("replies, reacts and deletes from the keyboard", async () => {
    const { server, settle } = await signedIn();
    server.channel.post("bob", { content: "what do you think?" });
    await settle();
    row("what do you think?").focus();
    await userEvent.keyboard("r");
    expect(screen.getByText("Replying to Bob")).toBeInTheDocument();
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByText("Replying to Bob")).toBeNull();
    row("what do you think?").focus();
    await userEvent.keyboard("{Delete}");
    await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
    await settle();
    expect(screen.queryByText("what do you think?")).toBeNull();
  });

  it("shows my reaction at once and counts it once", async () => {
    const { server, settle } = await signedIn();
    server.channel.post("bob", { content: "shipped" });
    server.channel.react(1, "bob", "🎉");
    await settle();
    const chip = (): HTMLElement => screen.getByRole("button", { name: /^🎉/ });
    expect(chip()).toHaveAttribute("aria-pressed", "false");
    await userEvent.click(chip());
    expect(chip()).toHaveAttribute("aria-pressed", "true");
    expect(chip()).toHaveTextContent("2");
    await settle();
    expect(chip()).toHaveTextContent("2");
    expect(chip()).toHaveAccessibleName("🎉 2: Bob and You reacted with 🎉");
  });

  it("moves through the picker of reactions by rows, and through the menu one by one", async () => {
    vi.spyOn(HTMLElement.prototype, "offsetTop", "get").mockImplementation(function (this: HTMLElement) {
      return Math.floor([...(this.parentElement?.children ?? [])].indexOf(this) / 8);
    });
    const { server, settle } = await signedIn();
    server.channel.post("bob", { content: "shipped" });
    await settle();
    await userEvent.hover(screen.getByText("shipped"));
    await userEvent.click(screen.getByRole("button", { name: "React" }));
    await userEvent.keyboard("{ArrowDown}");
    expect(screen.getByRole("button", { name: "😀" })).toHaveFocus();
    await userEvent.keyboard("{ArrowRight}{ArrowUp}{ArrowUp}");
    expect(screen.getByRole("button", { name: "💯" })).toHaveFocus();
    await userEvent.keyboard("{Escape}");
    await userEvent.click(screen.getByRole("button", { name: "Your settings" }));
    await userEvent.keyboard("{ArrowDown}");
    expect(screen.getByRole("menuitemradio", { name: "Away" })).toHaveFocus();
  });

  it("takes a letter that is typed elsewhere into the composer", async () => {
    await signedIn();
    screen.getByRole("button", { name: "Your settings" }).focus();
    await userEvent.keyboard("hey");
    expect(composer()).toHaveValue("hey");
  });

  it("keeps what was written in its channel", async () => {
    const { router } = await signedIn();
    await userEvent.type(composer(), "half a sentence");
    router.go({ at: "channel", id: "nowhere", members: false });
    expect(await screen.findByRole("heading", { name: "You can no longer see this channel" })).toBeInTheDocument();
    router.go({ at: "channel", id: "c", members: false });
    await waitFor(() => expect(composer()).toHaveValue("half a sentence"));
  });

  it("says when the messages could not be loaded, and loads them on request", async () => {
    const { server, settle } = await signedIn("/channels/c", (one) => {
      one.channel.post("bob", { content: "here after all" });
      one.refusals.set("/api/channels/c/messages", { code: "unavailable", status: 503 });
    });
    expect(screen.getByText("The messages could not be loaded.")).toBeInTheDocument();
    server.refusals.clear();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settle();
    expect(row("here after all")).toBeInTheDocument();
  });
});
