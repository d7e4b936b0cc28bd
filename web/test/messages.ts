// A stored message as the service gives it.

import type { StoredMessage } from '../src/model/message';

export function message(sequence: number, change: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id: `id-${sequence}`,
    temporaryMessageId: `other-${sequence}`,
    conversationId: 'conv-123',
    sequence,
    senderId: 'teacher-001',
    senderType: 'Teacher',
    content: `message ${sequence}`,
    sentAt: '2026-01-27T10:30:00.000Z',
    ...change,
  };
}
