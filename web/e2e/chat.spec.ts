import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test, type Browser } from "@playwright/test";
import { Person } from "./people";
import { startServer, type RunningServer } from "./server";

const pictures = process.env["UNITED_PICTURES"] ?? join(tmpdir(), "united-pictures");
const Widths = [{ width: 1440, height: 900 }, { width: 820, height: 1100 }, { width: 390, height: 844 }];
const MostScript = 170 * 1024;

let server: RunningServer | null = null;
let url = process.env["UNITED_URL"] ?? "";
let setupToken = process.env["UNITED_SETUP"] ?? "";
let ada: Person;
let grace: Person;
let invitation = "";

/** One evening of a new server, from the printed link on: each test goes on where the one before stopped. */
test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
  mkdirSync(pictures, { recursive: true });
  if (url === "") {
    server = await startServer();
    ({ url, setupToken } = server);
  }
  ada = await Person.at(browser, url);
  grace = await Person.at(browser, url);
});

test.afterAll(async () => {
  await ada.context.close();
  await grace.context.close();
  await server?.stop();
});

test("the owner sets the server up by the printed link", async () => {
  const { page } = ada;
  await ada.open(`/setup#token=${setupToken}`);
  await expect(page).toHaveURL(`${url}/setup`);
  await ada.isAccessible();
  await ada.register("ada", "Ada Lovelace", "Create owner account");

  await expect(page.getByRole("heading", { name: "Your server" })).toBeVisible();
  await ada.isAccessible();
  await page.getByLabel("Server name").fill("Evening Club");
  await page.getByRole("button", { name: "Continue" }).click();

  await expect(page.getByLabel("Invitation link")).toHaveValue(/\/invite\/.+/);
  await ada.isAccessible();
  await expect(page.getByText(/This link works on this computer only/)).toBeVisible();
  invitation = new URL(await page.getByLabel("Invitation link").inputValue()).pathname;
  await page.getByRole("button", { name: "Go to #general" }).click();
  await expect(page.getByRole("heading", { name: "general", exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Evening Club" })).toBeVisible();
});

test("the link has done its work then", async () => {
  await grace.open(`/setup#token=${setupToken}`);
  await expect(grace.page.getByRole("heading", { name: "This server has already been set up." })).toBeVisible();
  await grace.isAccessible();
});

test("a second person joins by the invitation", async () => {
  const { page } = grace;
  await grace.open(invitation);
  await expect(page.getByText("Ada Lovelace invited you.")).toBeVisible();
  await grace.isAccessible();
  await grace.register("ada", "Not Ada", "Create account");
  await expect(page.getByText("This username is taken.")).toBeVisible();
  await grace.register("grace", "Grace Hopper", "Create account");
  await expect(page.getByRole("heading", { name: "general", exact: true })).toBeVisible();
  await expect(ada.page.getByRole("complementary").getByText("Grace Hopper")).toBeVisible();
  await expect(ada.page.getByRole("heading", { name: "Online — 2" })).toBeVisible();
});

test("the two chat, live both ways", async () => {
  await ada.composer.fill("Good evening");
  await expect(grace.page.getByText("Ada Lovelace is typing…")).toBeVisible();
  await ada.composer.press("Enter");
  await expect(grace.row("Good evening")).toBeVisible();
  await expect(grace.page.getByText("Ada Lovelace is typing…")).toBeHidden();
  await grace.say("Good evening, Ada!");
  await expect(ada.row("Good evening, Ada!")).toBeVisible();

  await ada.row("Good evening, Ada!").hover();
  await ada.page.getByRole("button", { name: "Reply" }).click();
  await ada.say("Is @grace here?", "Is @Grace Hopper here?");
  await expect(grace.row("@Grace Hopper here?").getByRole("button", { name: /Good evening, Ada!/ })).toBeVisible();

  await grace.composer.press("ArrowUp");
  await grace.page.getByRole("textbox", { name: "Edit message" }).fill("Good evening, dear Ada!");
  await grace.page.keyboard.press("Enter");
  await expect(ada.row("Good evening, dear Ada!")).toContainText("(edited)");

  await ada.say("This was a mistake");
  await expect(grace.row("This was a mistake")).toBeVisible();
  await ada.row("This was a mistake").focus();
  await ada.page.keyboard.press("Delete");
  await ada.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(grace.row("This was a mistake")).toBeHidden();
});

test("a reaction shows, and is counted once", async () => {
  await grace.row("Is @Grace Hopper here?").hover();
  await grace.page.getByRole("button", { name: "React 👍" }).click();
  const chip = ada.row("Is @Grace Hopper here?").getByRole("button", { name: /^👍 1/ });
  await expect(chip).toHaveAttribute("aria-pressed", "false");
  await chip.click();
  await expect(grace.row("Is @Grace Hopper here?").getByRole("button", { name: /^👍 2/ })).toBeVisible();
  await grace.row("Is @Grace Hopper here?").getByRole("button", { name: /^👍 2/ }).click();
  await expect(ada.row("Is @Grace Hopper here?").getByRole("button", { name: /^👍 1/ })).toHaveAttribute("aria-pressed", "true");
});

test("a new channel shows up for everybody, with what is unread in it", async () => {
  const list = grace.page.getByRole("navigation", { name: "Channels" });
  await ada.page.getByRole("button", { name: "Create a channel" }).click();
  await ada.isAccessible();
  await ada.page.getByLabel(/^Name/).fill("garden");
  await ada.page.getByLabel(/^Topic/).fill("What grows");
  await ada.page.getByRole("button", { name: "Create channel" }).click();
  await expect(ada.page.getByRole("heading", { name: "garden", exact: true })).toBeVisible();
  await ada.say("The beans are up");
  await ada.say("@grace come and see", "come and see");
  await expect(list.getByRole("link", { name: /garden.*1 mention/ })).toBeVisible();
  await list.getByRole("link", { name: /garden/ }).click();
  await expect(grace.row("come and see")).toBeVisible();
  await expect(grace.page.getByText("New", { exact: true })).toBeVisible();
  await expect(list.getByRole("link", { name: "garden", exact: true })).toBeVisible();
  await ada.page.getByRole("navigation").getByRole("link", { name: "general" }).click();
  await list.getByRole("link", { name: "general" }).click();
});

test("a reload keeps everything", async () => {
  await grace.composer.fill("half a sentence");
  await grace.page.reload();
  await expect(grace.row("Good evening, dear Ada!")).toBeVisible();
  await expect(grace.row("Is @Grace Hopper here?").getByRole("button", { name: /^👍 1/ })).toBeVisible();
  await expect(grace.composer).toHaveValue("half a sentence");
  await grace.composer.fill("");
});

test("what was missed while the line was down comes by itself, and what was written goes out once", async () => {
  await grace.loseLine();
  await expect(grace.page.getByText("Connecting…")).toBeVisible();
  await grace.composer.fill("Written without a line");
  await grace.composer.press("Enter");
  await ada.say("Said while Grace was away");
  await ada.row("Good evening, dear Ada!").hover();
  await ada.page.getByRole("button", { name: "React ❤️" }).click();
  await grace.isAccessible();
  await grace.findLine();
  await expect(grace.row("Said while Grace was away")).toBeVisible();
  await expect(grace.row("Good evening, dear Ada!").getByRole("button", { name: /^❤️ 1/ })).toBeVisible();
  await expect(ada.page.getByRole("article").filter({ hasText: "Written without a line" })).toHaveCount(1);
  await expect(grace.page.getByText("Connecting…")).toBeHidden();
});

test("a channel opens at the first message that is unread", async () => {
  const list = ada.page.getByRole("navigation", { name: "Channels" });
  await expect(list.getByRole("link", { name: "general", exact: true })).toBeVisible();
  await list.getByRole("link", { name: "garden" }).click();
  for (let at = 1; at <= 70; at += 1) await post(grace, `Line ${at} of a long story`);
  await expect(list.getByRole("link", { name: /general.*70 unread messages/ })).toBeVisible({ timeout: 30_000 });
  await ada.page.reload();
  await list.getByRole("link", { name: /general.*70 unread messages/ }).click();
  await expect(ada.row("Line 1 of a long story")).toBeInViewport();
  await expect(ada.page.getByText("New", { exact: true })).toBeInViewport();
  await expect(ada.row("Line 70 of a long story")).not.toBeInViewport();
  await expect(list.getByRole("link", { name: /general.*[1-6]\d unread messages/ })).toBeVisible();
  await ada.page.getByRole("button", { name: "Jump to newest" }).click();
  await expect(ada.row("Line 70 of a long story")).toBeInViewport();
  await expect(list.getByRole("link", { name: "general", exact: true })).toBeVisible();
});

test("older messages load on the way up, and the reader keeps their place", async () => {
  await ada.page.reload();
  await expect(ada.row("Line 70 of a long story")).toBeVisible();
  await ada.row("Line 70 of a long story").hover();
  for (let turn = 0; turn < 60 && !(await ada.row("Good evening, dear Ada!").isVisible()); turn++) await ada.page.mouse.wheel(0, -800);
  await ada.page.getByText("This is the start of #general").scrollIntoViewIfNeeded();
  const place = async (): Promise<number> => Math.round((await ada.row("Good evening, dear Ada!").boundingBox())?.y ?? -1);
  const before = await place();
  await grace.say("And another one");
  await expect(ada.page.getByRole("button", { name: "Jump to newest" })).toBeVisible();
  expect(await place()).toBe(before);
  await ada.page.getByRole("button", { name: "Jump to newest" }).click();
  await expect(ada.row("And another one")).toBeInViewport();
});

test("the server restarts, and everybody is back", async () => {
  test.skip(server === null, "the server was started by somebody else");
  await server?.restart(async () => {
    await expect(ada.page.getByText("Connecting…")).toBeVisible();
  });
  await expect(ada.page.getByText("Connecting…")).toBeHidden({ timeout: 30_000 });
  await expect(grace.page.getByText("Connecting…")).toBeHidden({ timeout: 30_000 });
  await ada.say("Still here");
  await expect(grace.row("Still here")).toBeVisible();
});

test("every screen is accessible and fits, in both themes", async () => {
  await ada.page.getByRole("button", { name: "Create a channel" }).click();
  await ada.page.getByLabel(/^Name/).fill("a-name-that-is-longer-than-the-list-is-wide-however-wide");
  await ada.page.getByRole("button", { name: "Create channel" }).click();
  await expect(ada.page.getByText("This is the start of #a-name")).toBeVisible();
  await ada.page.getByRole("navigation").getByRole("link", { name: "general" }).click();
  for (const size of Widths) {
    await ada.page.setViewportSize(size);
    for (const [name, path] of [["list", "/"], ["conversation", null], ["members", null]] as const) {
      if (path !== null) await ada.open(path);
      if (name === "conversation" && size.width < 720) await ada.page.getByRole("link", { name: "general" }).click();
      if (name === "members" && size.width < 1200) await ada.page.getByRole("button", { name: "Show members" }).click();
      await ada.page.waitForLoadState("networkidle");
      await ada.isAccessible();
      for (const colorScheme of ["light", "dark"] as const) {
        await ada.page.emulateMedia({ colorScheme });
        await ada.page.screenshot({ path: join(pictures, `${name}-${size.width}-${colorScheme}.png`) });
      }
      const sideways = await ada.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(sideways).toBe(0);
      if (name !== "list") continue;
      for (const button of ["Invite people", "Create a channel", "Your settings"]) await ada.page.getByRole("button", { name: button }).click({ trial: true });
    }
  }
  await ada.page.setViewportSize({ width: 1440, height: 900 });
});

test("on a touch screen a tap shows what can be done with a message, and a second one puts it away; nothing is cut off, upright or lying", async ({ browser }) => {
  for (const viewport of [{ width: 320, height: 640 }, { width: 844, height: 390 }]) {
    const phone = await Person.at(browser, url, { viewport, hasTouch: true, isMobile: true });
    await phone.open("/login");
    await phone.page.getByLabel("Username").fill("ada");
    await phone.page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await phone.page.getByRole("button", { name: "Sign in" }).tap();
    await phone.page.getByRole("button", { name: "Your settings" }).tap();
    await phone.page.getByRole("menuitem", { name: "Sign out" }).scrollIntoViewIfNeeded();
    await expect(phone.page.getByRole("menuitem", { name: "Sign out" })).toBeInViewport({ ratio: 1 });
    await phone.page.keyboard.press("Escape");
    await phone.page.getByRole("link", { name: "general" }).tap();
    await phone.row("And another one").getByText("And another one").tap();
    await phone.page.getByRole("toolbar").getByRole("button", { name: "React", exact: true }).tap();
    const emoji = phone.page.getByRole("dialog").getByRole("button");
    for (const one of [emoji.first(), emoji.nth(7), emoji.last()]) {
      await one.scrollIntoViewIfNeeded();
      await expect(one).toBeInViewport({ ratio: 1 });
    }
    await phone.page.keyboard.press("Escape");
    await phone.row("And another one").getByText("And another one").tap();
    await expect(phone.page.getByRole("toolbar")).toBeHidden();
    await phone.context.close();
  }
});

test("who uses the keyboard sees which message has the focus", async () => {
  await ada.open("/");
  await ada.composer.press("Shift+Tab");
  const ring = ada.page.locator("article:focus-visible > :last-child");
  await expect(ring).toHaveCSS("outline-style", "solid");
  await expect(ring).toHaveCSS("outline-width", "2px");
});

test("signing out leads to the door, and a wrong password does not lead in", async () => {
  await ada.open("/");
  await ada.page.getByRole("button", { name: "Your settings" }).click();
  await ada.isAccessible();
  const secondTab = await ada.context.newPage();
  await secondTab.goto(url);
  await expect(secondTab.locator("#composer")).toBeVisible();
  await ada.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(secondTab.getByRole("heading", { name: "Sign in to Evening Club" })).toBeVisible();
  await secondTab.close();
  await expect(ada.page.getByRole("heading", { name: "Sign in to Evening Club" })).toBeVisible();
  await ada.isAccessible();
  await ada.page.getByLabel("Username").fill("ada");
  await ada.page.getByLabel("Password", { exact: true }).fill("correct horse");
  await ada.page.getByRole("button", { name: "Sign in" }).click();
  await expect(ada.page.getByText("The username or password is wrong.")).toBeVisible();
  await ada.page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await ada.page.getByRole("button", { name: "Sign in" }).click();
  await expect(ada.row("Still here").or(ada.row("And another one")).first()).toBeVisible();
});

test("the first screen asks for little script, and nothing breaks the policy", async ({ browser }) => {
  expect(await scriptBytes(browser)).toBeLessThanOrEqual(MostScript);
  expect([...ada.complaints, ...grace.complaints]).toEqual([]);
});

/** Writes without waiting for the screen. */
async function post(person: Person, text: string): Promise<void> {
  await person.composer.fill(text);
  await person.composer.press("Enter");
}

async function scriptBytes(browser: Browser): Promise<number> {
  const visitor = await Person.at(browser, url);
  const bodies: Promise<Buffer>[] = [];
  visitor.page.on("response", (response) => {
    if (response.request().resourceType() === "script") bodies.push(response.body());
  });
  await visitor.open("/");
  await expect(visitor.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body, { level: 9 }).length);
  await visitor.context.close();
  return sizes.reduce((sum, size) => sum + size, 0);
}
