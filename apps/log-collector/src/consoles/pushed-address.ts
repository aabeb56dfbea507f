// Which consoles are sent to us, and how is one of them addressed?
import type { Attempt, ExperimentId } from '#contracts';

/** What an attempt prints where no other process of ours can read it; each of its replicas, if it has any, prints for itself. */
export interface PushedConsole {
  readonly experimentId: ExperimentId;
  readonly attempt: Attempt;
  /** Null: it is the only one. */
  readonly replica: string | null;
}

export interface PushedAddress extends Omit<PushedConsole, 'replica'> {
  /** In the order in which they are named to users; empty: it has none. */
  readonly replicas: readonly string[];
}

export const pushedScheme = 'pushed:';
const replicaPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const addressPattern = /^pushed:(\d{1,15})-(\d{1,9})(?:-([a-z0-9][a-z0-9-]{0,62})|\?replicas=([a-z0-9,-]+))?$/;

/** `pushed:23-1`, `pushed:23-1-worker-0`, or of all its replicas `pushed:23-1?replicas=master,worker-0`. */
export function pushedAddressOf(console: string): PushedAddress {
  const [, experimentId, attempt, replica, replicas] = addressPattern.exec(console) ?? [];
  if (experimentId === undefined) throw new Error(`${console} is the address of no console that is sent here`);
  const names = replica === undefined ? (replicas?.split(',') ?? []) : [replica];
  const wrong = names.find((name) => !isReplicaName(name));
  if (wrong !== undefined) throw new Error(`${console} names a replica ${JSON.stringify(wrong)}`);
  return { experimentId: Number(experimentId), attempt: Number(attempt), replicas: names };
}

export function isReplicaName(name: string): boolean {
  return replicaPattern.test(name);
}
