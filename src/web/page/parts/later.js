/** Puts off what nobody looks at first, so that an update is several short frames and not a long one. */
import { never, soon } from "../frames.js";
import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";

/**
 * Renders the component `of` with the other props: at once when it is new, from then on in a frame of its own.
 *
 * @param {{ of: any, [prop: string]: any }} props
 */
export function Later(props) {
  const [shown, show] = useState(props), { current: owner } = useRef({});
  useEffect(() => soon(owner, () => show(props)), [props]);
  useEffect(() => () => never(owner), []);
  return useMemo(() => {
    const { of, ...rest } = shown;
    return html`<${of} ...${rest} />`;
  }, [shown]);
}
