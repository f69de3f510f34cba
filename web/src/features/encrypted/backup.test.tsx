import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Encrypted } from "../../model/Encrypted";
import { signedIn, strike } from "../../testing/screen";

const Words = Array.from({ length: 24 }, (_, at) => `word${at + 1}`);

let encrypted: Encrypted;

beforeEach(async () => {
  const { session, settle } = await signedIn();
  const state = session.state.get();
  if (state.at !== "in") throw new Error("not signed in");
  ({ encrypted } = state.chat);
  vi.spyOn(encrypted, "hasPassphrase").mockResolvedValue(false);
  vi.spyOn(encrypted, "setPassphrase").mockResolvedValue();
  vi.spyOn(encrypted, "newWords").mockResolvedValue(Words);
  vi.spyOn(encrypted, "renewWords").mockResolvedValue();
  await act(async () => encrypted.state.set({ phase: "ready", error: null, talks: [] }));
  await settle();
  await press("Key backup");
  await screen.findByText("No passphrase is set.");
});

afterEach(strike);

const press = (name: string): Promise<void> => userEvent.click(screen.getByRole("button", { name }));
const type = (field: string, what: string): Promise<void> => userEvent.type(screen.getByLabelText(field), what);

describe("the backup", () => {
  it("takes a passphrase that is long enough and twice the same, and nothing else", async () => {
    await press("Set a passphrase");
    await type("New passphrase", "too short");
    await press("Save");
    expect(screen.getByText("Use at least 12 characters.")).toBeInTheDocument();
    await type("New passphrase", " no more");
    expect(screen.getByText("The two do not match.")).toBeInTheDocument();
    await press("Save");
    expect(encrypted.setPassphrase).not.toHaveBeenCalled();
    await type("Repeat the passphrase", "too short no more");
    await press("Save");
    expect(encrypted.setPassphrase).toHaveBeenCalledExactlyOnceWith("too short no more");
    expect(await screen.findByText("A passphrase is set.")).toBeInTheDocument();
    await press("Remove passphrase");
    expect(encrypted.setPassphrase).toHaveBeenLastCalledWith(null);
    expect(await screen.findByText("No passphrase is set.")).toBeInTheDocument();
  });

  it("says why a passphrase could not be stored, and keeps what was typed", async () => {
    vi.spyOn(encrypted, "setPassphrase").mockRejectedValue(new Error("the line is down"));
    await press("Set a passphrase");
    for (const field of ["New passphrase", "Repeat the passphrase"]) await type(field, "correct horse battery");
    await press("Save");
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    expect(screen.getByLabelText("New passphrase")).toHaveValue("correct horse battery");
  });

  it("uses new words only once somebody has shown that they have them", async () => {
    await press("Create new words");
    await press("I have written them down");
    const fields = screen.getAllByLabelText<HTMLInputElement>(/^Word \d+/);
    for (const field of fields) await userEvent.type(field, "nonsense");
    await press("Finish");
    expect(screen.getAllByText("That is not the right word.")).toHaveLength(2);
    expect(encrypted.renewWords).not.toHaveBeenCalled();
    for (const field of fields) {
      await userEvent.clear(field);
      await userEvent.type(field, `word${/\d+/.exec(field.labels?.[0]?.textContent ?? "")?.[0]}`);
    }
    await press("Finish");
    expect(encrypted.renewWords).toHaveBeenCalledExactlyOnceWith(Words);
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});
