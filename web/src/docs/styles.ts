// Styles for the templates of the API viewer, set by script: see vite/viewer.ts.

import { nothing } from 'lit';
import { AsyncDirective } from 'lit/async-directive.js';
import { directive, Directive, PartType, type ChildPart, type ElementPart, type PartInfo } from 'lit/directive.js';

class OnElement extends Directive {
  render(_css: string): unknown {
    return nothing;
  }

  override update(part: ElementPart, [css]: [string]): unknown {
    (part.element as HTMLElement).style.cssText = css;
    return nothing;
  }
}

/** `<div ${onElement('color:red')}>` */
export const onElement = directive(OnElement);

/** A sheet of the shadow root (or document) that the template stands in, for as long as the template is there. */
class InRoot extends AsyncDirective {
  readonly #sheet = new CSSStyleSheet();
  #root: ShadowRoot | Document | undefined;
  #css = '';

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.CHILD) throw new Error('a style sheet stands among elements');
  }

  render(_css: string): unknown {
    return nothing;
  }

  override update(part: ChildPart, [css]: [string]): unknown {
    if (css !== this.#css) this.#sheet.replaceSync(css);
    this.#css = css;
    // While Lit makes a template its nodes have no root yet.
    if (this.#root === undefined) queueMicrotask(() => this.#adopt(part));
    return nothing;
  }

  #adopt(part: ChildPart): void {
    const root = part.parentNode.getRootNode();
    if (this.#root !== undefined || !(root instanceof ShadowRoot || root instanceof Document)) return;
    this.#root = root;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.#sheet];
  }

  protected override disconnected(): void {
    const root = this.#root;
    if (root) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
    this.#root = undefined;
  }
}

/** `${inRoot('code { … }')}` in place of `<style>`. */
export const inRoot = directive(InRoot);
