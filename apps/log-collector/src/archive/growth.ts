// Has an experiment's archive grown since one last looked?
import type { ExperimentId } from '#contracts';

/** `bytes`: there are more; `state`: what is known of the archive has changed, such as that it is complete. */
export type News = 'bytes' | 'state';

/** Between who writes archives and who reads along, in one process. An ear that is open misses nothing that is told after it opened. */
export class Growth {
  readonly #ears = new Map<ExperimentId, Set<Ear>>();

  tell(experimentId: ExperimentId, news: News): void {
    for (const ear of this.#ears.get(experimentId) ?? []) ear.hear(news);
  }

  listen(experimentId: ExperimentId): Ear {
    const ears = this.#ears.get(experimentId) ?? new Set<Ear>();
    this.#ears.set(experimentId, ears);
    const ear = new Ear(() => {
      ears.delete(ear);
      if (ears.size === 0) this.#ears.delete(experimentId);
    });
    ears.add(ear);
    return ear;
  }
}

export class Ear {
  #news: News | undefined;
  #wake: () => void = () => undefined;

  /** `close` has to be called once. */
  constructor(readonly close: () => void) {}

  hear(news: News): void {
    if (this.#news !== 'state') this.#news = news;
    this.#wake();
  }

  /** What was told since the last time, at once or as soon as there is something; undefined after `milliseconds` without. */
  async next(milliseconds: number): Promise<News | undefined> {
    if (!this.#news) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const news = this.#news;
    this.#news = undefined;
    return news;
  }
}
