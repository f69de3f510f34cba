import { mkdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, type Browser } from "@playwright/test";
import { Person } from "./people";
import { startServer, type RunningServer } from "./server";

/** Two people write to each other in secret, live, in the page; one of them goes on in a third browser with nothing but the words. */
test.describe.configure({ mode: "serial" });

const pictures = process.env["UNITED_PICTURES"] ?? join(tmpdir(), "united-pictures");
const Widths = [{ width: 1440, height: 900 }, { width: 820, height: 1100 }, { width: 390, height: 844 }];
const Canary = "canary-in-the-mine";
const LongName = "Grace Brewster Murray Hopper of the Very Long Names Society";

let server: RunningServer;
let ada: Person;
let grace: Person;
let again: Person;
let words: string[] = [];

test.beforeAll(async ({ browser }) => {
  mkdirSync(pictures, { recursive: true });
  server = await startServer();
  ada = await Person.at(browser, server.url);
  await ada.open(`/setup#token=${server.setupToken}`);
  await ada.register("ada", "Ada Lovelace", "Create owner account");
  await ada.page.getByLabel("Server name").fill("Evening Club");
  await ada.page.getByRole("button", { name: "Continue" }).click();
  await expect(ada.page.getByLabel("Invitation link")).toHaveValue(/\/invite\/.+/);
  const invitation = new URL(await ada.page.getByLabel("Invitation link").inputValue()).pathname;
  await ada.page.getByRole("button", { name: "Go to #general" }).click();
  grace = await joined(browser, invitation);
});

test.afterAll(async () => {
  for (const person of [ada, grace, again]) await person?.context.close();
  await server?.stop();
});

async function joined(browser: Browser, invitation: string): Promise<Person> {
  const person = await Person.at(browser, server.url);
  await person.open(invitation);
  await person.register("grace", LongName, "Create account");
  await expect(person.page.getByRole("heading", { name: "general", exact: true })).toBeVisible();
  return person;
}

async function signIn(person: Person): Promise<void> {
  const { page } = person;
  await person.open("/login");
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** A dialog in all sizes and both themes. */
async function pictured(person: Person, name: string, opened: () => Promise<void>): Promise<void> {
  const { page } = person;
  for (const size of Widths.toReversed()) {
    await page.setViewportSize(size);
    await person.open("/");
    await opened();
    await person.isAccessible();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(pictures, `encrypted-${name}-${size.width}-${colorScheme}.png`) });
    }
    await page.emulateMedia({ colorScheme: null });
    for (const button of await page.getByRole("dialog").getByRole("button").all()) await expect(button).toBeInViewport({ ratio: 1 });
  }
}

async function setUp(person: Person): Promise<string[]> {
  const { page } = person;
  await page.getByRole("button", { name: "Set up" }).click();
  await person.isAccessible();
  await page.getByRole("button", { name: "Create my keys" }).click();
  return confirmed(person);
}

/** From where the words are shown up to where they have been confirmed. @returns The words. */
async function confirmed(person: Person): Promise<string[]> {
  const { page } = person;
  await expect(page.getByRole("dialog").getByRole("listitem")).toHaveCount(24);
  await person.isAccessible();
  await page.screenshot({ path: join(pictures, "encrypted-words.png") });
  const shown = await page.getByRole("dialog").getByRole("listitem").allInnerTexts();
  await page.getByRole("button", { name: "I have written them down" }).click();
  const fields = page.getByRole("dialog").getByRole("textbox");
  await fields.first().fill("nonsense");
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByText("That is not the right word.").first()).toBeVisible();
  await person.isAccessible();
  for (const field of await fields.all()) {
    const place = Number((await field.evaluate((element: HTMLInputElement) => element.labels?.[0]?.textContent ?? "")).match(/\d+/)?.[0]);
    await field.fill(shown[place - 1] ?? "");
  }
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  return shown;
}

const list = (person: Person) => person.page.getByRole("region", { name: "Encrypted" });

test("both make their keys, and have to show that they have the words", async () => {
  words = await setUp(ada);
  await expect(list(ada)).toContainText("No encrypted conversations yet");
  await ada.page.getByRole("button", { name: "Write an encrypted message" }).click();
  await expect(ada.page.getByText("Nobody else has set up encrypted messages yet")).toBeVisible();
  await ada.isAccessible();
  await ada.page.getByRole("button", { name: "Close" }).click();
  await setUp(grace);
});

test("one begins, and the two talk live both ways", async () => {
  await ada.page.getByRole("button", { name: "Write an encrypted message" }).click();
  await ada.page.getByLabel("Find a member").fill("hopper");
  await ada.page.getByRole("button", { name: LongName }).click();
  await expect(ada.page.getByRole("heading", { name: LongName, exact: true })).toBeVisible();
  await expect(ada.page.getByText(/This is the start of your conversation with/)).toBeVisible();
  await ada.say(Canary);
  await list(grace).getByRole("link", { name: /Ada Lovelace/ }).click();
  await expect(grace.row(Canary)).toBeVisible();
  await grace.say("I hear you");
  await expect(ada.row("I hear you")).toBeVisible();
  await ada.say("Good");
  await expect(grace.row("Good")).toBeVisible();
});

test("what comes while somebody looks elsewhere is counted, and read when it is opened", async () => {
  await grace.page.getByRole("link", { name: "general" }).click();
  await ada.say("Are you there?");
  await expect(list(grace).getByRole("link", { name: /Ada Lovelace.*1 unread message/ })).toBeVisible();
  await list(grace).getByRole("link", { name: /Ada Lovelace/ }).click();
  await expect(grace.row("Are you there?")).toBeVisible();
  await expect(list(grace).getByRole("link", { name: "Ada Lovelace", exact: true })).toBeVisible();
});

test("what was written while the line was down is there afterwards, once", async () => {
  await grace.loseLine();
  await ada.say("Said while you were away");
  await grace.findLine();
  await expect(grace.row("Said while you were away")).toBeVisible();
  await expect(grace.page.getByRole("article").filter({ hasText: "Said while you were away" })).toHaveCount(1);
});

test("both see one safety number, and who has compared it is told so", async () => {
  await expect(ada.page.getByText(/You have not compared safety numbers/)).toHaveCount(1);
  const numbers = [];
  for (const person of [ada, grace]) {
    await person.page.getByRole("button", { name: "Safety number" }).click();
    const groups = person.page.getByRole("dialog").getByRole("listitem");
    await expect(groups).toHaveCount(12);
    await person.isAccessible();
    numbers.push((await groups.allInnerTexts()).join(" "));
  }
  expect(numbers[0]).toMatch(/^(\d{5} ){11}\d{5}$/);
  expect(numbers[1]).toBe(numbers[0]);
  await ada.page.screenshot({ path: join(pictures, "encrypted-safety.png") });
  await grace.page.getByRole("dialog").getByRole("button", { name: "Close" }).first().click();
  await ada.page.getByRole("button", { name: "Mark as verified" }).click();
  await expect(ada.page.getByText("Verified", { exact: true })).toBeVisible();
  await expect(ada.page.getByText(/You have not compared safety numbers/)).toBeHidden();
  await ada.page.reload();
  await expect(ada.page.getByText("Verified", { exact: true })).toBeVisible();
  await expect(ada.row(Canary)).toBeVisible();
});

test("a third browser reads the history with nothing but the words, and writes", async ({ browser }) => {
  again = await Person.at(browser, server.url);
  const { page } = again;
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(again);
  await page.getByRole("button", { name: "Enter your words" }).click();
  await expect(page.getByLabel("Your 24 words")).toBeVisible();
  await page.screenshot({ path: join(pictures, "encrypted-unlock.png") });
  await again.isAccessible();
  await page.getByLabel("Your 24 words").fill(words.toReversed().join(" "));
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(page.getByText(/These are not your 24 recovery words|This does not open your backup/)).toBeVisible();
  await again.isAccessible();
  await page.getByLabel("Your 24 words").fill(words.join("  "));
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await list(again).getByRole("link", { name: LongName }).click();
  for (const text of [Canary, "I hear you", "Good", "Said while you were away"]) await expect(again.row(text)).toBeVisible();
  await expect(page.getByText("Verified", { exact: true })).toBeVisible();
  await expect(page.getByText(/messages? (is|are) missing/)).toHaveCount(0);
  await again.say("From my other browser");
  await expect(grace.row("From my other browser")).toBeVisible();
  await expect(ada.row("From my other browser")).toBeVisible();
  await grace.say("And back");
  await expect(again.row("And back")).toBeVisible();
});

test("a passphrase opens the backup too, and new words take the place of the old", async ({ browser }) => {
  const { page } = ada;
  const passphrase = "four words of mine alone";
  await pictured(ada, "backup", async () => {
    await page.getByRole("button", { name: "Key backup" }).click();
    await expect(page.getByText("No passphrase is set.")).toBeVisible();
  });
  await pictured(ada, "passphrase", async () => {
    await page.getByRole("button", { name: "Key backup" }).click();
    await page.getByRole("button", { name: "Set a passphrase" }).click();
    await page.getByLabel("New passphrase").fill("too short");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Use at least 12 characters.")).toBeVisible();
  });
  await page.getByLabel("New passphrase").fill(passphrase);
  await page.getByLabel("Repeat the passphrase").fill(passphrase);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("A passphrase is set.")).toBeVisible();
  await page.getByRole("button", { name: "Create new words" }).click();
  const renewed = await confirmed(ada);
  expect(renewed).not.toEqual(words);

  const fourth = await Person.at(browser, server.url);
  await signIn(fourth);
  await fourth.page.getByRole("button", { name: "Enter your words" }).click();
  await fourth.page.getByLabel("Your 24 words").fill(words.join(" "));
  await fourth.page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(fourth.page.getByText(/This does not open your backup/)).toBeVisible();
  await fourth.page.getByLabel("Passphrase", { exact: true }).click();
  await fourth.page.getByLabel("Your passphrase").fill(passphrase);
  await fourth.page.getByRole("button", { name: "Restore", exact: true }).click();
  await list(fourth).getByRole("link", { name: LongName }).click();
  await expect(fourth.row(Canary)).toBeVisible();
  expect(fourth.complaints).toEqual([]);
  await fourth.context.close();
});

test("every screen is accessible and fits, in both themes", async () => {
  for (const person of [grace, again]) {
    for (const size of Widths) {
      await person.page.setViewportSize(size);
      await expect(person.composer).toBeVisible();
      await person.isAccessible();
      for (const colorScheme of ["light", "dark"] as const) {
        await person.page.emulateMedia({ colorScheme });
        await person.page.screenshot({ path: join(pictures, `encrypted-${person === grace ? "unverified" : "restored"}-${size.width}-${colorScheme}.png`) });
      }
      await person.page.emulateMedia({ colorScheme: null });
      for (const name of ["Safety number", "Send"]) await expect(person.page.getByRole("button", { name, exact: true })).toBeInViewport({ ratio: 1 });
    }
  }
});

test("the server has kept and printed nothing that it could read, and nothing broke the policy", async () => {
  const files = (await readdir(server.data, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const kept = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
  const all = Buffer.concat([...kept, Buffer.from(server.said())]);
  expect(all.includes("ada")).toBe(true);
  const canary = Buffer.from(Canary);
  for (const secret of [Canary, canary.toString("base64").slice(0, 20), canary.toString("hex"), "From my other browser", "four words of mine alone", words.slice(0, 4).join(" ")]) {
    expect(all.includes(secret), secret).toBe(false);
  }
  expect([...ada.complaints, ...grace.complaints, ...again.complaints]).toEqual([]);
});
