// Dead letters as the routes below /admin/dead-letters give them.

import { asObject, textOf, type JsonObject } from '../../model/message';

export interface DeadLetter {
  readonly id: string; // partition and offset of its first record
  readonly conversationId: string;
  readonly temporaryMessageId: string;
  readonly reason: string;
  readonly error: string;
  readonly attempts: number;
  readonly failedAt: string;
}

export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  readonly more: boolean;
}

export interface DeadRecord {
  /** Why there is no record to show. */
  readonly gone?: string;
  readonly fields: readonly { readonly name: string; readonly text: string }[];
}

export function parseDeadLetters(body: unknown): DeadLetterPage | undefined {
  const object = asObject(body);
  const list = object?.['letters'];
  if (!Array.isArray(list)) return undefined;
  return { letters: list.map(parseLetter).filter((letter) => letter !== undefined), more: object?.['more'] === true };
}

function parseLetter(value: unknown): DeadLetter | undefined {
  const object = asObject(value);
  const id = textOf(object, 'id');
  if (!object || !id) return undefined;
  const text = (name: string) => textOf(object, name) ?? '';
  return {
    id,
    conversationId: text('conversationId'),
    temporaryMessageId: text('temporaryMessageId'),
    reason: text('reason'),
    error: text('error'),
    attempts: typeof object['attempts'] === 'number' ? object['attempts'] : 0,
    failedAt: text('failedAt'),
  };
}

export function parseRecord(body: unknown): DeadRecord | undefined {
  const list = asObject(body)?.['records'];
  if (!Array.isArray(list)) return undefined;
  const record = asObject(list[0]);
  if (!record) return { gone: 'Its record is not in the topic of dead letters any more.', fields: [] };
  const gone = textOf(record, 'gone');
  if (gone) return { gone, fields: [] };
  return { fields: [...textsOf(record, 'key'), ...headersOf(record['headers']), ...textsOf(record, 'value')] };
}

function headersOf(value: unknown): DeadRecord['fields'] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((header) => {
    const object = asObject(header);
    const name = textOf(object, 'name') ?? textOf(object, 'nameHex') ?? '';
    return object ? textsOf(object, 'value').map(({ text }) => ({ name: `header ${name}`, text })) : [];
  });
}

function textsOf(object: JsonObject, name: string): { name: string; text: string }[] {
  const text = textOf(object, name);
  if (text !== undefined) return [{ name, text }];
  const hex = textOf(object, `${name}Hex`);
  return hex === undefined ? [] : [{ name: `${name}, in hex`, text: hex }];
}

/** What the log said to an order for one letter: undefined where it took it, else why not. */
export function orderProblem(body: unknown): string | undefined {
  const list = asObject(body)?.['results'];
  const result = Array.isArray(list) ? asObject(list[0]) : undefined;
  return result ? textOf(result, 'error') : 'the answer cannot be read';
}
