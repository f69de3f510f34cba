// Before the first paint: the theme that was chosen here, or the system's. See src/model/Settings.ts.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("united.theme");
  } catch {}
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
