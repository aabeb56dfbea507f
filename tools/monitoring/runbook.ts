// What does somebody read who was woken by an alert?
import type { Alert } from './alert.ts';
import type { Dashboard } from './dashboard.ts';
import { asShipped, duration } from './profile.ts';

const severities = { page: 'a page: somebody is woken', ticket: 'a ticket: it can wait for the morning' } as const;
const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

export function runbookPage(alert: Alert, dashboards: readonly Dashboard[]): string {
  const { name, severity, summary, runbook: { means, look, mend } } = alert;
  const { title, name: file } = dashboards.find((one) => one.name === alert.dashboard) as Dashboard;
  return `# ${name}

${plain(summary)}. ${capital(severities[severity])}${alert.asPage ? ', and a page when it is worse' : ''}.

Dashboard: [${title}](../../deploy/grafana/${file}.json). Written in \`tools/monitoring/alerts\`; \`npm run generate\` makes this page.

## What it means

${means}

## Where to look

${list(look)}

## What to do

${list(mend)}

## When it fires

${firesWhen(alert)}
`;
}

function firesWhen({ expr, forSeconds, asPage }: Alert): string {
  const fires = [{ expr, forSeconds, as: '' }, ...(asPage ? [{ ...asPage, as: 'As a page: ' }] : [])];
  const told = (one: (typeof fires)[number]) => {
    const after = one.forSeconds === 0 ? 'at once' : `after ${duration(one.forSeconds)}`;
    return capital(`${one.as}${after}, while this has an answer:\n\n\`\`\`promql\n${one.expr(asShipped)}\n\`\`\``);
  };
  return fires.map(told).join('\n\n');
}

/** Without what only Prometheus can fill in. */
function plain(text: string): string {
  return capital(text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, 'a $1'));
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
