// The two people of the demo. With sign-in the service would take these from the token.
export interface Person {
  readonly id: string;
  readonly type: string;
  readonly initial: string;
}

export const people: readonly Person[] = [
  { id: 'parent-001', type: 'Parent', initial: 'P' },
  { id: 'teacher-001', type: 'Teacher', initial: 'T' },
];
