// Does the command line do what the button does, whatever stands in it?
import { execFileSync } from 'node:child_process';
import { commandLine, curlLine, getLine, quoted } from './command-lines.ts';

const which = { user: 'mona', project: 'mnist', id: 23 };

it.each([
  ['resume', {}, 'polyaxon experiment -p mona/mnist -xp 23 resume'],
  ['stop', {}, 'polyaxon experiment -p mona/mnist -xp 23 stop'],
  ['copy', { from: 'model.ckpt-40', force: true }, 'polyaxon experiment -p mona/mnist -xp 23 restart --copy --from model.ckpt-40 --force'],
  ['restart', { update_code: true, name: "it's" }, `polyaxon experiment -p mona/mnist -xp 23 restart -u --name 'it'\\''s'`],
  ['resume', { content: 'params: {lr: 0.2}\nEND\n' }, "cat > override.yml <<'ENDD'\nparams: {lr: 0.2}\nEND\nENDD\npolyaxon experiment -p mona/mnist -xp 23 resume -f override.yml"],
] as const)('%s with %j', (verb, request, line) => expect(commandLine(which, verb, request)).toBe(line));

it('all of a run', () => expect(getLine(which)).toBe('polyaxon experiment -p mona/mnist -xp 23 get'));
it('curl sends the same, and no token', () =>
  expect(curlLine('http://127.0.0.1:8000', which, 'resume', { from: "a'b" }).split(' \\\n  ')).toEqual([
    'curl -X POST http://127.0.0.1:8000/api/v1/mona/mnist/experiments/23/resume', '-H "Authorization: Token $POLYAXON_TOKEN"', "-H 'Content-Type: application/json'", `-d '{"from":"a'\\''b"}'`,
  ]));
it.each(['$(touch /tmp/x)', '`id`', "a'; rm -rf b; '", '"', '\\', 'a\nb', '~', '*', ''])('a shell reads %j as it is', (text) =>
  expect(execFileSync('sh', ['-c', `printf %s ${quoted(text)}`]).toString()).toBe(text));
