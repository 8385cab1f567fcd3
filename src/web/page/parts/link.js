/** A link to another state of the page: a real address, taken without a load. */
import { formatRoute } from "../route.js";
import { html } from "../vendor/preact.js";

/** @param {{ route: any, to: any, go: (change: any) => void, children?: any, class?: string, current?: boolean }} props */
export function Link({ route, to, go, children, current, ...rest }) {
  const follow = (event) => {
    // Whoever asks for a new tab or window gets one.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return html`
    <a href=${formatRoute({ ...route, ...to })} onClick=${follow} aria-current=${current ? "page" : undefined}
      ...${rest}>${children}</a>
  `;
}
