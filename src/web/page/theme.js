/** Light, dark, or as the system says; remembered in this browser. */

const KEY = "tally-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };

/** The choice made before, or `auto`. */
export function theme() {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

/** Puts a theme on; charts hear of it as `themechange`. @param {string} name */
export function putOn(name) {
  document.documentElement.dataset.theme = name;
  document.dispatchEvent(new CustomEvent("themechange"));
}

/** Chooses the next one and remembers it. @returns {string} */
export function nextTheme() {
  const name = NEXT[theme()];
  localStorage.setItem(KEY, name);
  putOn(name);
  return name;
}
