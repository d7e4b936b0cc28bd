import type { Plugin } from 'vite';

// The viewer of /docs is written for pages that allow `style-src 'unsafe-inline'`, and one of its packages for script
// elements. These plugins make of it what a page under `default-src 'self'` can run.

const templates = /\/node_modules\/openapi-explorer\/dist\/es\//;

/** The place of the next `end` at or after `from`; texts within `${…}` do not count. */
function endOf(code: string, from: number, end: string): number {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    if (depth === 0 && code.startsWith(end, at)) return at;
    if (code.startsWith('${', at)) {
      depth += 1;
      at += 1;
    } else if (depth > 0 && code[at] === '{') {
      depth += 1;
    } else if (depth > 0 && code[at] === '}') {
      depth -= 1;
    }
  }
  throw new Error(`${end} is missing after: ${code.slice(from, from + 80)}`);
}

/** Puts a call of the directive in place of each piece of a template from `begin` to `end`. */
function callInPlaceOf(code: string, begin: string, end: string, directive: string): string {
  const parts: string[] = [];
  let done = 0;
  for (let at = code.indexOf(begin); at >= 0; at = code.indexOf(begin, done)) {
    const from = at + begin.length;
    const to = endOf(code, from, end);
    parts.push(code.slice(done, at), ` \${${directive}(\`${code.slice(from, to)}\`)}`);
    done = to + end.length;
  }
  return parts.join('') + code.slice(done);
}

const withoutComments = (code: string) => code.replace(/^\s*\/\/.*$/gm, '');

/** Assigned to innerHTML, and so no part of a template. */
const withoutStyledHtml = (code: string) => code.replace(/(\.innerHTML = .*) style="[^"]*"/g, '$1');

/** `style="…"` and `<style>` in the viewer's Lit templates become directives of src/docs/styles.ts, which set them by script. */
export function stylesByScript(): Plugin {
  return {
    name: 'styles-by-script',
    apply: 'build',
    transform(code, id) {
      if (!templates.test(id) || !/ style="|<style>/.test(code)) return null;
      let changed = withoutStyledHtml(withoutComments(code));
      changed = callInPlaceOf(changed, '<style>', '</style>', 'inRoot');
      changed = callInPlaceOf(changed, ' style="', '"', 'onElement');
      return { code: `import { inRoot, onElement } from '/src/docs/styles.ts';\n${changed}`, map: null };
    },
  };
}

/** `url("data:image/svg+xml,…")` in the viewer's styles becomes a file. */
export function imagesAsFiles(): Plugin {
  return {
    name: 'images-as-files',
    apply: 'build',
    transform(code, id) {
      if (!templates.test(id) || !code.includes('url("data:')) return null;
      const changed = code.replace(/url\("data:image\/svg\+xml;charset=utf8,([^"]*)"\)/g, (_, image: string) => {
        const file = this.emitFile({ type: 'asset', name: 'viewer.svg', source: decodeURIComponent(image) });
        return `url("\${unsafeCSS(import.meta.ROLLUP_FILE_URL_${file})}")`;
      });
      return { code: `import { unsafeCSS } from 'lit';\n${changed}`, map: null };
    },
  };
}

/** The viewer's reader of descriptions looks for its parts at the `this` of a script, which a module does not have. */
export function scriptInModule(): Plugin {
  return {
    name: 'script-in-module',
    apply: 'build',
    transform(code, id) {
      if (!id.includes('/node_modules/openapi-resolver/dist/')) return null;
      return { code: code.replaceAll('this["webpackChunk', 'globalThis["webpackChunk'), map: null };
    },
  };
}
