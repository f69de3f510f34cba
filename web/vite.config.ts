import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed, preloadFont } from "./vite.plugins.ts";

const server = process.env["UNITED_URL"] ?? "http://127.0.0.1:5380";

// The server answers with a strict Content-Security-Policy: nothing inline, so assets are never inlined as
// data: URLs and the module preload polyfill (an inline script) stays out.
export default defineConfig({
  plugins: [react(), preloadFont(), compressed()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  css: { modules: { localsConvention: "camelCaseOnly" } },
  server: {
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
    },
  },
});
