import { defineConfig } from "vite";

// united-dm: one file that Node 20 runs by itself.
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: "src/cli/main.ts",
    outDir: "dist-cli",
    target: "node20",
    rolldownOptions: { output: { entryFileNames: "united-dm.mjs" } },
  },
});
