// The nodes of the cluster, as the route /admin/nodes lists them.

import { asObject, textOf } from '../../model/message';

export interface ClusterNode {
  readonly id: string;
  readonly name: string;
  readonly roles: string;
  readonly program: string;
  /** Seconds since its last sign of life. */
  readonly silentFor: number;
  readonly isPresent: boolean;
  /** The partitions that it is too old for. */
  readonly waits: readonly string[];
}

/** Those that are present first; of the others the one that was seen last. */
export function parseNodes(body: unknown): ClusterNode[] | undefined {
  const list = asObject(body)?.['nodes'];
  if (!Array.isArray(list)) return undefined;
  const nodes = list.map(parseNode).filter((node) => node !== undefined);
  return nodes.sort((a, b) => Number(b.isPresent) - Number(a.isPresent) || (a.isPresent ? a.name.localeCompare(b.name) : a.silentFor - b.silentFor));
}

function parseNode(value: unknown): ClusterNode | undefined {
  const object = asObject(value);
  const id = textOf(object, 'id');
  const silentForMs = object?.['silentForMs'];
  if (!object || !id || typeof silentForMs !== 'number') return undefined;
  const waits = object['waits'];
  return {
    id,
    name: textOf(object, 'name') ?? id,
    roles: textOf(object, 'roles') ?? '',
    program: textOf(object, 'program') ?? '',
    silentFor: silentForMs / 1000,
    isPresent: object['isPresent'] === true,
    waits: Array.isArray(waits) ? waits.filter((wait) => typeof wait === 'string') : [],
  };
}
