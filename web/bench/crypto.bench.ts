import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { build, preview } from "vite";
import type { Figures } from "./main";

const Goal = 10;

test("seal and open of 1 KiB in Chromium", async ({ page }) => {
  const outDir = await mkdtemp(join(tmpdir(), "united-bench-"));
  const settings = { root: import.meta.dirname, configFile: false, logLevel: "warn", build: { outDir, emptyOutDir: true, target: "es2022" }, worker: { format: "es" } } as const;
  await build(settings);
  const server = await preview({ ...settings, preview: { host: "127.0.0.1", port: 0 } });
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  const figures = await page.evaluate(() => (window as unknown as { measure: () => Promise<Figures> }).measure());
  await server.close();
  await rm(outDir, { recursive: true });
  const lines = Object.entries(figures).map(([what, { median, p95 }]) => `${what.padEnd(32)} median ${median.toFixed(2)} ms, 95 of 100 within ${p95.toFixed(2)} ms`);
  process.stdout.write(`${lines.join("\n")}\n`);
  for (const { median } of Object.values(figures)) expect(median).toBeLessThan(Goal);
});
