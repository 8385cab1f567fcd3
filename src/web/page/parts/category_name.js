/** A category with its colour. Names are data: they are only ever text. */
import { COLOURS } from "../model.js";
import { html } from "../vendor/preact.js";

/** The custom property of a category's colour. @param {number | undefined} colour */
export function colourOf(colour) {
  return colour === undefined || colour >= COLOURS ? "--grey" : `--c${colour}`;
}

/** The swatch alone. */
export function Swatch({ colour }) {
  return html`<i class="swatch" style=${{ background: `var(${colourOf(colour)})` }} aria-hidden="true"></i>`;
}

/** Swatch and name. */
export function CategoryName({ category, colour }) {
  return html`<span class="category" title=${category}><${Swatch} colour=${colour} /><span class="name">${category}</span></span>`;
}
