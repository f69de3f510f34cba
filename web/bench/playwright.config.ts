import { defineConfig } from "@playwright/test";
import e2e from "../playwright.config.ts";

export default defineConfig({ ...e2e, testDir: ".", testMatch: "*.bench.ts", reporter: "line" });
