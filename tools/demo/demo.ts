// Is progress ever lost? A real training is run, stopped, resumed, restarted and copied, and the closing table proves it.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentBody } from '#contracts';
import { Checks, digestOf, tableOf, witness, type Witness } from './proof.ts';
import { idIn, Scene } from './scene.ts';

const scene = new Scene();
const keep = process.argv.includes('--keep');
const say = (text: string) => void process.stdout.write(`\n# ${text}\n`);
const xp = (id: number, ...args: string[]) => ['experiment', '-xp', String(id), ...args];
const checkpointOf = (path: string) => scene.output(`${path}/checkpoint.json`);
const bodyOf = (id: number) => scene.ask<ExperimentBody>(...xp(id, 'get'));

/** Until its program has written a checkpoint of `epoch` or a later one. */
async function reached(id: number, epoch: number): Promise<void> {
  const { outputs_path: path } = await bodyOf(id);
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    try {
      if ((JSON.parse(checkpointOf(path)) as { epoch: number }).epoch >= epoch) return;
    } catch {
      // not yet written
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`experiment ${id} did not reach epoch ${epoch} within 60 s`);
}

/** Waits for its end, whatever that is, and reads what it left. */
async function end(id: number): Promise<Witness> {
  await scene.type(...xp(id, 'wait'));
  return witness(scene, id, checkpointOf((await bodyOf(id)).outputs_path));
}

async function play(checks: Checks): Promise<void> {
  say('A project, and a training of 30 epochs with a checkpoint after each.');
  await scene.type('project', 'create', '--name', 'iris');
  await scene.type('init', 'iris');
  const first = idIn(await scene.type('run', '-u', '-f', 'polyaxonfile.yml', '--name', 'baseline'));

  say('Half way, it is stopped.');
  await reached(first, 12);
  await scene.type(...xp(first, 'stop', '-y'));
  await scene.type(...xp(first, 'statuses'));
  for (const deadline = Date.now() + 60_000; (await bodyOf(first)).last_status !== 'stopped' && Date.now() < deadline; );
  const { outputs_path: path } = await bodyOf(first);
  const stopped = await witness(scene, first, checkpointOf(path));
  checks.that(`experiment ${first} was stopped half way, at epoch ${stopped.endedAtEpoch} of 30`, stopped.experiment.last_status === 'stopped' && stopped.endedAtEpoch >= 12 && stopped.endedAtEpoch < 30);

  say('Resumed, it goes on in the same outputs, from its last checkpoint.');
  await scene.type(...xp(first, 'resume', '--plan'));
  const second = idIn(await scene.type(...xp(first, 'resume')));
  const resumed = await end(second);
  checks.that(`${second} went on at step ${stopped.endedAtStep}, in the outputs of ${first}`, resumed.started.started_at_step === stopped.endedAtStep && resumed.experiment.outputs_path === path);
  checks.that('and finished all 30 epochs', resumed.endedAtEpoch === 30 && resumed.experiment.last_status === 'succeeded');
  const source = digestOf(join(scene.home, 'outputs', path));

  say('Restarted with another learning rate, it begins again in outputs of its own.');
  const third = idIn(await scene.type(...xp(first, 'restart', '-f', 'override_lr.yml')));
  const restarted = await end(third);
  checks.that(`${third} started at step 0 in outputs of its own`, restarted.started.started_at_step === 0 && restarted.experiment.outputs_path !== path);
  checks.that('with the learning rate of the override, in a command rendered again', restarted.started.lr === 0.2 && restarted.experiment.command.includes('--lr=0.2'));

  say('Restarted with newer code.');
  appendFileSync(join(scene.code, 'train.py'), '\nprint("trained by the edited code")\n');
  const fourth = idIn(await scene.type(...xp(first, 'restart', '-u')));
  const newer = await end(fourth);
  const log = readFileSync(join(scene.home, 'logs', newer.experiment.logs_path, 'run.log'), 'utf8');
  checks.that(`${fourth} ran the edited code, and ${first} keeps the code it ran`, log.includes('trained by the edited code') && newer.experiment.code_revision !== stopped.experiment.code_revision);

  say('Copied twice, two trainings go on from where the source ended, each its own way.');
  const fifth = idIn(await scene.type(...xp(second, 'restart', '--copy', '-f', 'override_more_epochs.yml')));
  const sixth = idIn(await scene.type(...xp(second, '--copy', 'restart', '-f', 'override_more_epochs.yml', '-f', 'override_lr.yml')));
  const copies = [await end(fifth), await end(sixth)];
  for (const { experiment, started, endedAtEpoch, events } of copies) {
    const wentOn = started.started_at_step === resumed.endedAtStep && experiment.outputs_path !== path && endedAtEpoch === 45;
    checks.that(`${experiment.id} went on at step ${resumed.endedAtStep}, the last of ${second}, in outputs of its own`, wentOn);
    const types = events.map(({ type }) => type);
    checks.that(`its events say so: copied before it ran`, types.includes('OutputsCopied') && types.indexOf('OutputsCopied') < types.indexOf('RunStarted') && types.at(-1) === 'ExperimentDone');
  }
  checks.that('the two copies took different learning rates', copies[0]?.started.lr === 0.05 && copies[1]?.started.lr === 0.2);
  checks.that(`nothing touched the outputs of ${first} since`, digestOf(join(scene.home, 'outputs', path)) === source);

  say('What files and events say of it:');
  process.stdout.write(`${tableOf([stopped, resumed, restarted, newer, ...copies])}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    say('Interrupted: the platform leaves, and nothing is kept.');
    void scene.leave(false).then(() => process.exit(130));
  });

const checks = new Checks();
try {
  say('The platform starts in a folder of its own.');
  process.stdout.write(`${await scene.start()}\n`);
  await play(checks);
  await scene.leave(keep);
} catch (error) {
  process.stdout.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  checks.that('the demo came to its end', false);
  await scene.leave(keep);
}
if (checks.failed.length > 0) process.stdout.write(`\nNot true:\n${checks.failed.map((what) => `  ${what}\n`).join('')}`);
process.exit(checks.failed.length === 0 ? 0 : 1);
