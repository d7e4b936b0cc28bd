// Figures as people read them. "–" stands for what is not known.

import type { Quantile } from './histogram';
import type { TimeToZero } from './lag';

export const unknownText = '–';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export function countText(count: number | undefined): string {
  return count === undefined ? unknownText : whole.format(count);
}

/** Of something in a second; the unit stands elsewhere. */
export function rateText(rate: number | undefined): string {
  if (rate === undefined) return unknownText;
  if (rate === 0) return '0';
  if (rate < 0.1) return '< 0.1';
  return rate < 100 ? tenths.format(rate) : whole.format(rate);
}

export function secondsText(seconds: number | undefined): string {
  if (seconds === undefined) return unknownText;
  if (seconds < 0.001) return `${whole.format(seconds * 1e6)} µs`;
  return seconds < 1 ? `${digits.format(seconds * 1000)} ms` : `${digits.format(seconds)} s`;
}

export function quantileText(value: Quantile | undefined, text: (value: number) => string): string {
  if (value === undefined) return unknownText;
  return value.orMore ? `> ${text(value.value)}` : text(value.value);
}

export function coresText(cores: number | undefined): string {
  return cores === undefined ? unknownText : `${hundredths.format(cores)} cores`;
}

/** Of things that are counted: a quantile lies between two buckets' bounds, and there are no parts of a thing. */
export function sizeText(size: number): string {
  return whole.format(Math.ceil(size));
}

export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return unknownText;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let at = 0;
  for (; value >= 1024 && at < units.length - 1; at += 1) value /= 1024;
  return `${at === 0 || value >= 100 ? whole.format(value) : digits.format(value)} ${units[at]}`;
}

/** The two largest units of a time that has gone by or will. */
export function durationText(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  if (rounded < 86_400) return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`;
  return `${Math.floor(rounded / 86_400)} d ${Math.floor((rounded % 86_400) / 3600)} h`;
}

export function timeToZeroText(time: TimeToZero): string {
  if (time.kind === 'unknown') return unknownText;
  if (time.kind === 'never') return 'never at this rate';
  return time.seconds === 0 ? 'now' : durationText(Math.max(1, time.seconds));
}

export function percentText(part: number, all: number): string {
  return all > 0 ? `${digits.format((100 * part) / all)} %` : unknownText;
}
