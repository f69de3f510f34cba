import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const json = process.env["PLAYWRIGHT_JSON_OUTPUT_NAME"];

export default defineConfig({
  testDir: "e2e",
  timeout: 120_000,
  // For what never comes, not for what a busy machine is late with.
  expect: { timeout: 30_000 },
  workers: 1,
  reporter: json ? [["list"], ["json", { outputFile: json }]] : "list",
  use: {
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    },
  },
});
