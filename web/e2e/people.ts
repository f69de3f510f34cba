import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page, type WebSocketRoute } from "@playwright/test";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Somebody with a browser of their own. Notes whatever the policy or the page itself complains of. */
export class Person {
  readonly complaints: string[] = [];
  private down = false;
  private readonly lines = new Set<WebSocketRoute>();

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly url: string,
  ) {}

  static async at(browser: Browser, url: string, device: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...device });
    const page = await context.newPage();
    const person = new Person(page, context, url);
    page.on("pageerror", (error) => person.complaints.push(error.message));
    page.on("console", (message) => {
      if (/Content.Security.Policy|TrustedHTML|TrustedScript/i.test(message.text())) person.complaints.push(message.text());
    });
    await page.routeWebSocket(/\/ws$/, (line) => person.connect(line));
    return person;
  }

  get composer(): Locator {
    return this.page.locator("#composer");
  }

  open(path: string): Promise<unknown> {
    return this.page.goto(this.url + path);
  }

  /** The newest message that says so itself; what it quotes does not count. */
  row(text: string): Locator {
    return this.page.getByRole("article").filter({ has: this.page.locator('[id$="-what"]', { hasText: text }) }).last();
  }

  async say(text: string, shown = text): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await expect(this.row(shown)).toBeVisible();
  }

  async register(username: string, name: string, action: string): Promise<void> {
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel(/^Name/).fill(name);
    await this.page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await this.page.getByRole("button", { name: action }).click();
  }

  /** The network takes the line away, and every new one, until it is put back. */
  async loseLine(): Promise<void> {
    this.down = true;
    await Promise.all([...this.lines].map((line) => line.close()));
    this.lines.clear();
  }

  /** The browser says so, as it does when its network comes back. */
  async findLine(): Promise<void> {
    this.down = false;
    await this.page.evaluate(() => window.dispatchEvent(new Event("online")));
  }

  /** axe finds nothing on what is shown, in either theme. */
  async isAccessible(): Promise<void> {
    for (const colorScheme of ["light", "dark"] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await this.page.evaluate(async () => {
        // Colours on their way from one theme to the other are those of neither.
        await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
        for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
      });
      await this.page.evaluate(axeSource);
      const violations = await this.page.evaluate(async () => {
        const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
      });
      expect(violations, colorScheme).toEqual([]);
    }
    await this.page.emulateMedia({ colorScheme: null, reducedMotion: null });
  }

  private connect(line: WebSocketRoute): void {
    if (this.down) return void line.close();
    line.connectToServer();
    this.lines.add(line);
  }
}
