/** How much a number has changed, with an arrow, and whether that is bad. */
import { format } from "../format.js";
import { html } from "../vendor/preact.js";

/** A change that rounds to nothing. */
const FLAT = 0.005;

/** @param {{ share: number | undefined, alarm?: boolean }} props `alarm`: more is worse */
export function Change({ share, alarm = false }) {
  if (share === undefined) return html`<span class="change" data-tone="flat">–</span>`;
  const isFlat = Math.abs(share) < FLAT;
  const tone = isFlat ? "flat" : !alarm ? "plain" : share > 0 ? "bad" : "good";
  const arrow = isFlat ? "→" : share > 0 ? "▲" : "▼";
  return html`<span class="change" data-tone=${tone}><span aria-hidden="true">${arrow} </span>${
    format.change(share)
  }</span>`;
}
