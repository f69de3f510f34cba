import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const server = process.env["UNITED_URL"] ?? "http://127.0.0.1:8080";

// The server answers with a strict Content-Security-Policy: nothing inline, so assets are never inlined as
// data: URLs and the module preload polyfill (an inline script) stays out.
export default defineConfig({
  plugins: [react(), preloadFont()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  css: { modules: { localsConvention: "camelCaseOnly" } },
  server: {
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
    },
  },
});

/**
 * Preloads the Latin face, so that the first paint already has it: with `font-display: optional` a face that
 * arrives late is not used at all.
 */
function preloadFont(): Plugin {
  return {
    name: "united-preload-font",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => /-latin-wght-normal.*\.woff2$/.test(file))
          .map((file) => ({
            tag: "link",
            attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${file}` },
            injectTo: "head" as const,
          })),
    },
  };
}
