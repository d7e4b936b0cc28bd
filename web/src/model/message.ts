// The shapes that cross the wire, and the checks at that border: what fails them is not shown.

export interface StoredMessage {
  readonly id: string;
  readonly temporaryMessageId: string;
  readonly conversationId: string;
  readonly sequence: number;
  readonly senderId: string;
  readonly senderType: string;
  readonly content: string;
  readonly sentAt: string;
  readonly persistedAt?: string;
  readonly correlationId?: string;
  /** An entry about who takes part, which is no message of a person. */
  readonly isChange?: boolean;
}

export interface Draft {
  readonly temporaryMessageId: string;
  readonly senderId: string;
  readonly senderType: string;
  readonly content: string;
}

export interface Rejection {
  readonly temporaryMessageId: string;
  readonly conversationId: string;
  readonly reason: string;
}

export interface Page {
  readonly messages: readonly StoredMessage[];
  readonly hasMore: boolean;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function textOf(object: JsonObject | undefined, field: string): string | undefined {
  const value = object?.[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A time as text in ISO 8601: MessagePack brings it as a date, JSON as that text. */
export function timeOf(object: JsonObject | undefined, field: string): string | undefined {
  const value = object?.[field];
  if (!(value instanceof Date)) return textOf(object, field);
  return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
}

export function parseStoredMessage(value: unknown): StoredMessage | undefined {
  const object = asObject(value);
  const id = textOf(object, 'id');
  const sequence = object?.['sequence'];
  const content = object?.['content'];
  if (!object || !id || typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) return undefined;
  if (typeof content !== 'string') return undefined;
  return {
    id,
    sequence,
    content,
    temporaryMessageId: textOf(object, 'temporaryMessageId') ?? id,
    conversationId: textOf(object, 'conversationId') ?? '',
    senderId: textOf(object, 'senderId') ?? '',
    senderType: textOf(object, 'senderType') ?? '',
    sentAt: timeOf(object, 'sentAt') ?? '',
    persistedAt: timeOf(object, 'persistedAt'),
    correlationId: textOf(object, 'correlationId'),
    ...(object['participantChange'] === undefined ? {} : { isChange: true }),
  };
}

export function parsePage(value: unknown): Page {
  const object = asObject(value);
  const list = object?.['messages'];
  const messages = Array.isArray(list) ? list.map(parseStoredMessage).filter((message) => message !== undefined) : [];
  return { messages, hasMore: object?.['hasMore'] === true };
}

export function parseRejection(value: unknown): Rejection | undefined {
  const object = asObject(value);
  const temporaryMessageId = textOf(object, 'temporaryMessageId');
  if (!temporaryMessageId) return undefined;
  return {
    temporaryMessageId,
    conversationId: textOf(object, 'conversationId') ?? '',
    reason: textOf(object, 'reason') ?? 'no reason given',
  };
}
