// How are the outcomes of all cells shown on one page?
import type { Verb } from '../survival/users.ts';
import { allCells, nameOf, parts, steps, type Cell, type Step } from './cells.ts';

export interface Tried {
  readonly cell: Cell;
  readonly experimentId: number;
  readonly problems: readonly string[];
  readonly seconds: number;
}

export interface Circumstances {
  readonly commit: string;
  readonly seconds: number;
  readonly auditProblems: readonly string[];
  readonly numbers: Readonly<Record<string, unknown>>;
}

/** What was not tried has an empty cell: nothing is claimed of it. */
export function matrixPage(tried: readonly Tried[], { commit, seconds, auditProblems, numbers }: Circumstances): string {
  const bad = tried.filter(({ problems }) => problems.length > 0);
  return `# Fault matrix

Made by \`npm run fault-matrix\`; don't edit. Commit ${commit}, ${new Date().toISOString().slice(0, 10)}, ${Math.round(seconds / 60)} minutes: ${tried.length} of ${allCells.length} cells were tried,
in ${bad.length} something was wrong. Then the audit (\`e2e/survival/audit.mjs\`) held ${String(numbers.events)} events, ${String(numbers.records)} records on Kafka,
${String(numbers.processesSeen)} processes and all files against what users were told: ${auditProblems.length} problems.

A cell: on a real Kafka the service of the step is halted in front of the transaction that writes it down (**b**), or right behind its commit, before anybody has heard of it (**a**). There and then the
part of the column is killed with SIGKILL; where it is another one than the halted service, that goes on. ✓: the experiment ended as it should, its program ran once, every event was told once, no copy showed
by halves. ✗: see below. Empty: not tried in this run.

${(Object.keys(steps) as Verb[]).map((verb) => tableOf(verb, tried)).join('\n')}
${[...bad.map(({ cell, problems }) => `- ${cell.verb}, ${cell.moment} ${nameOf(cell.step)}, ${cell.part}: ${problems.join('; ')}`), ...auditProblems.map((problem) => `- audit: ${problem}`)].join('\n')}
`.trimEnd() + '\n';
}

function tableOf(verb: Verb, tried: readonly Tried[]): string {
  const row = (step: Step) => `| ${nameOf(step)} | ${step.service} | ${parts.map((part) => (['before', 'after'] as const).map((moment) => mark(tried, { verb, step, moment, part })).join(' ').trim()).join(' | ')} |`;
  return `## ${verb}\n\n| step | in | ${parts.join(' | ')} |\n|---|---|${parts.map(() => '---|').join('')}\n${steps[verb].map(row).join('\n')}\n`;
}

function mark(tried: readonly Tried[], { verb, step, moment, part }: Cell): string {
  const found = tried.find(({ cell }) => cell.verb === verb && cell.step === step && cell.moment === moment && cell.part === part);
  return found ? `${moment[0]} ${found.problems.length === 0 ? '✓' : '✗'}` : '';
}
