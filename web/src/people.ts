// The two people of the demo. A development service signs them in, see client/sign_in.ts.
export interface Person {
  readonly id: string;
  readonly type: string;
  readonly initial: string;
}

export const people: readonly Person[] = [
  { id: 'parent-001', type: 'Parent', initial: 'P' },
  { id: 'teacher-001', type: 'Teacher', initial: 'T' },
];
