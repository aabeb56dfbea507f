// What can be done with a run, and in which words?

export const verbs = ['resume', 'stop', 'restart', 'copy'] as const;
export type Verb = (typeof verbs)[number];
export type CloneVerb = Exclude<Verb, 'stop'>;

export const wordOf: Readonly<Record<Verb, string>> = { resume: 'Resume', stop: 'Stop', restart: 'Restart', copy: 'Copy' };

/** What it means, for whoever does it for the first time. */
export const meaningOf: Readonly<Record<Verb, string>> = {
  resume: 'A new run goes on from its checkpoints, in the same outputs.',
  stop: 'Its program is asked to end, and killed if it doesn’t. Everything in its outputs stays.',
  restart: 'A new run trains again from the beginning, in outputs of its own.',
  copy: 'A new run goes on from a copy of its outputs. The two share nothing afterwards.',
};

export function verbIn(text: string | null): Verb | null {
  return verbs.find((verb) => verb === text) ?? null;
}
