import type { Plugin } from "vite";

/**
 * Preloads the Latin face, so that the first paint already has it: with `font-display: optional` a face that
 * arrives late is not used at all.
 */
export function preloadFont(): Plugin {
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
