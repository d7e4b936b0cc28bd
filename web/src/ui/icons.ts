// Line icons on a 16-unit grid, drawn here so that the page needs no other file. They are decoration: text says the same.

const paths = {
  sending: 'M8 4.2V8l2.4 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  sent: 'm3 8.6 3.2 3.2L13 5',
  stored: 'm1.2 8.6 3.1 3.2L10.4 5M7.6 11.2l.7.6L14.8 5',
  failed: 'M8 5v3.6M8 11h.01M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  rejected: 'M3.8 3.8l8.4 8.4M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  send: 'M2.5 8h8M2.5 8 1.8 2.6 14.2 8 1.8 13.4Z',
  down: 'M8 3v10m0 0 4-4M8 13 4 9',
  auto: 'M2 3.5h12v7.5H2zM5.5 14h5M8 11v3',
  light: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.4M8 13.6V15M1 8h1.4M13.6 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  dark: 'M13.6 9.8A6 6 0 0 1 6.2 2.4a6 6 0 1 0 7.4 7.4Z',
} as const;

export type IconName = keyof typeof paths;

const namespace = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(namespace, 'path'));
  setIcon(svg, name);
  return svg;
}

export function setIcon(svg: SVGSVGElement, name: IconName): void {
  if (svg.dataset['icon'] === name) return;
  svg.dataset['icon'] = name;
  svg.firstElementChild!.setAttribute('d', paths[name]);
}
