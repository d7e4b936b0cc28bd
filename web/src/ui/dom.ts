// The one way this page makes elements. Text is always set as text, never as markup.

type Child = Node | string | undefined;

export interface Props {
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string | boolean | undefined>>;
  readonly on?: { readonly [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };
}

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props.class) element.className = props.class;
  setAttributes(element, props.attributes ?? {});
  for (const [type, listener] of Object.entries(props.on ?? {})) element.addEventListener(type, listener as EventListener);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** True sets an empty attribute; false and undefined take it away. Untouched where nothing changes. */
export function setAttributes(element: Element, attributes: Readonly<Record<string, string | boolean | undefined>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    const text = value === true ? '' : value === false ? undefined : value;
    if (text === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Runs `render` once for any number of calls before the next frame; in a hidden tab, where there are no frames, soon. */
export function coalesced(render: () => void): () => void {
  let isPending = false;
  const run = () => {
    isPending = false;
    render();
  };
  return () => {
    if (isPending) return;
    isPending = true;
    if (document.hidden) setTimeout(run, 50);
    else requestAnimationFrame(run);
  };
}
