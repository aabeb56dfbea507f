// Who sends what a pod has printed and could not send, while its node still has it, and has it told how much is gone otherwise?
import type { V1Pod } from '@kubernetes/client-node';
import { signRunToken, type Logger } from '#service-host';
import type { AttemptId } from '../executor.ts';
import { ClusterProblem } from './cluster-problem.ts';
import type { Cluster } from './cluster.ts';
import { sendConsole } from './console-push.ts';
import { containerNames } from './objects/names.ts';
import { addressAt } from './objects/pod-order.ts';
import { restIn, unsentOf, type Unsent } from './unsent.ts';

/** Kubelet begins another file at 10 MiB, if it is not told otherwise. */
const logBytesMax = 64 * 1024 * 1024;
const againAfterMs = 2000;
/** The end of a run is told so much later at most. */
const triedForMs = 60_000;

export interface UnsentOptions {
  readonly cluster: Pick<Cluster, 'podLog'>;
  /** As it is reached from here, which may be another way than that of pods. */
  readonly gatewayUrl: string;
  readonly runTokenSecret: string;
  readonly log: Logger;
  readonly now: () => Date;
}

/** By the way and with the token of the pod itself, whose last work it is: the log-collector can't tell them apart, and what has come already is not added twice. */
export class UnsentConsoles {
  /** Pods by uid. */
  readonly #tried = new Map<string, { readonly since: number; readonly at: number }>();

  constructor(private readonly options: UnsentOptions) {}

  /** later: it is to be asked again. Otherwise it is over, with what users should know of it. */
  async settle(id: AttemptId, { pod, replica }: { readonly pod: V1Pod; readonly replica: string | null }): Promise<'later' | readonly string[]> {
    const { log, now } = this.options;
    const unsent = unsentOf(pod);
    if (!unsent) return [];
    const [uid, at] = [pod.metadata?.uid ?? '', now().getTime()];
    const { since, at: last } = this.#tried.get(uid) ?? { since: at, at: -Infinity };
    if (at - last < againAfterMs) return 'later';
    this.#tried.set(uid, { since, at });
    try {
      await this.#send(id, { pod, replica, unsent });
    } catch (error) {
      const isOver = error instanceof NotTaken || at - since >= triedForMs;
      log.warn({ ...id, err: error }, `what a pod has printed and could not send could not be sent from here${isOver ? '' : '; it is tried again'}`);
      if (!isOver) return 'later';
      const missing = unsent.sizeBytes - unsent.fromByte;
      return error instanceof NotTaken ? [] : [`the last ${missing} bytes of its console never reached its log: its pod could not reach the gateway, and the scheduler could not either (${(error as Error).message})`];
    }
    return [];
  }

  forget({ metadata }: V1Pod): void {
    this.#tried.delete(metadata?.uid ?? '');
  }

  async #send({ experimentId, attempt }: AttemptId, { pod, replica, unsent }: { readonly pod: V1Pod; readonly replica: string | null; readonly unsent: Unsent }): Promise<void> {
    const { runTokenSecret, log } = this.options;
    const rest = await this.#kept(pod, unsent);
    const token = signRunToken(runTokenSecret, { experimentId, attempt });
    const address = new URL(addressAt(this.options, unsent.path));
    if (replica !== null) address.searchParams.set('replica', replica);
    const received = await sendConsole(address.href, token, { bytes: rest, ...unsent });
    if (received === undefined) throw new NotTaken('nobody takes it any more');
    log.info({ experimentId, attempt, replica, bytes: rest.length, missing: unsent.sizeBytes - unsent.fromByte - rest.length }, 'what a pod had printed and could not send was sent from here');
  }

  /** Who may not read it, or finds that it is gone, has none. */
  async #kept(pod: V1Pod, unsent: Unsent): Promise<Buffer> {
    try {
      return restIn(await this.options.cluster.podLog(pod.metadata?.name ?? '', containerNames.carrier, { limitBytes: logBytesMax }), unsent);
    } catch (error) {
      if (!(error instanceof ClusterProblem)) throw error;
      if (error.kind === 'unreachable') throw error;
      return Buffer.alloc(0);
    }
  }
}

/** The experiment or its log is over, or gone. */
class NotTaken extends Error {}
