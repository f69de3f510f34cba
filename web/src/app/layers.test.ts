import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** Who may import whom: edges go down only. */
const Below: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  crypto: ["wire"],
  cli: ["crypto", "wire"],
  model: ["wire", "crypto"],
  i18n: ["model", "ui", "wire"],
  ui: ["model", "i18n", "wire"],
  features: ["ui", "i18n", "model", "wire", "crypto"],
  app: ["features", "ui", "i18n", "model", "wire"],
  testing: ["model", "wire", "ui", "features", "app", "i18n"],
};

const root = resolve("src");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(ts|tsx|css)$/.test(file) && !file.startsWith("wire/gen"))
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
const scripts = sources.filter(({ file }) => !file.endsWith(".css") && !/\.test\.tsx?$/.test(file));
const styles = sources.filter(({ file }) => file.endsWith(".css"));

describe("the layers", () => {
  it("import downwards only", () => {
    const upwards = scripts.flatMap(({ file, text }) => {
      const layer = file.split("/")[0] ?? "";
      return [...text.matchAll(/from "(\.[^"]+)"/g)]
        .map(([, path]) => relative(root, resolve(root, dirname(file), path ?? "")).split("/")[0] ?? "")
        .filter((target) => target !== layer && !Below[layer]?.includes(target))
        .map((target) => `${file} imports ${target}`);
    });
    expect(upwards).toEqual([]);
  });

  it("know React from the views on only", () => {
    const early = scripts.filter(({ file, text }) => /^(wire|crypto|cli|model)\//.test(file) && /from "react/.test(text));
    expect(early.map(({ file }) => file)).toEqual([]);
  });

  it("load the encryption only when somebody wants it: by its types, or in a chunk of its own", () => {
    const early = scripts.filter(({ file, text }) => !/^(crypto|cli)\//.test(file) && /^(import|export) (?!type )[^;]*from "[^"]*\/crypto\//m.test(text));
    expect(early.map(({ file }) => file)).toEqual([]);
  });

  it("write no HTML and no inline style that the policy would refuse", () => {
    const banned = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|setAttribute\("style"|dangerouslySetInnerHTML/;
    expect(scripts.filter(({ text }) => banned.test(text)).map(({ file }) => file)).toEqual([]);
  });
});

describe("the styles", () => {
  it("use colours by their token", () => {
    const own = styles.filter(({ file, text }) => file !== "ui/tokens.css" && /#[0-9a-f]{3,8}\b|rgba?\(|hsl/i.test(text));
    expect(own.map(({ file }) => file)).toEqual([]);
  });

  it("use no token that is not there", () => {
    const known = new Set(styles.flatMap(({ text }) => [...text.matchAll(/^\s*(--[a-z0-9-]+):/gm)].map(([, name]) => name)));
    const unknown = styles.flatMap(({ file, text }) =>
      [...text.matchAll(/var\((--[a-z0-9-]+)/g)].filter(([, name]) => !known.has(name)).map(([, name]) => `${file} ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it("are written for either direction of writing", () => {
    const physical = /^\s*(margin|padding|border)-(left|right|top|bottom)|^\s*(left|right|width|height|min-width|max-height):|text-align: (left|right)/m;
    expect(styles.filter(({ text }) => physical.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it("define what the views ask for", () => {
    const missing = scripts.flatMap(({ file, text }) => {
      const sheet = text.match(/import styles from "(.+\.css)"/)?.[1];
      if (sheet === undefined) return [];
      const css = readFileSync(join(root, dirname(file), sheet), "utf8");
      return [...text.matchAll(/styles\.([a-zA-Z0-9]+)/g)].filter(([, name]) => !css.includes(`.${name}`)).map(([, name]) => `${file} ${name}`);
    });
    expect(missing).toEqual([]);
  });
});
