import { defineConfig, mergeConfig } from "vitest/config";
import vite from "./vite.config.ts";

export default mergeConfig(
  vite,
  defineConfig({
    test: {
      include: ["src/**/*.test.{ts,tsx}"],
      environment: "happy-dom",
      setupFiles: "src/testing/setup.ts",
      restoreMocks: true,
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  }),
);
