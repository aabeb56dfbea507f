// Does a command mean the same wherever its options stand?
import fc from 'fast-check';
import { normaliseArguments } from './arguments.ts';
import { Output } from './output.ts';
import { grammarOf, treeOf } from './program.ts';
import { Session } from './session.ts';

const grammar = grammarOf(treeOf(new Session(new Output('table', { quiet: true, color: false, debug: false }))).root);
const normalised = (line: string) => normaliseArguments(line.split(' '), grammar).join(' ');

describe('arguments', () => {
  it.each([
    ['experiment -xp 23 resume', 'experiment resume --experiment 23'],
    ['experiment -xp=23 resume', 'experiment resume --experiment=23'],
    ['experiment -xp23 resume', 'experiment resume --experiment=23'],
    ['experiment --experiment 23 resume -u', 'experiment resume --experiment 23 -u'],
    ['experiment -xp 23 --copy restart -f polyaxonfile_override.yml', 'experiment restart --experiment 23 --copy -f polyaxonfile_override.yml'],
    ['experiment -xp 23 restart --copy -u', 'experiment restart --experiment 23 --copy -u'],
    ['experiment restart -xp 23 -c', 'experiment restart --experiment 23 -c'],
    ['experiment -c -f a.yml -xp 23 restart -f b.yml', 'experiment restart -c -f a.yml --experiment 23 -f b.yml'],
    ['experiment -uf a.yml -xp 23 restart', 'experiment restart -uf a.yml --experiment 23'],
    ['experiment -xp 23 -f=a.yml restart', 'experiment restart --experiment 23 -fa.yml'],
    ['-o json experiment -p iris get -xp 23', 'experiment get --output json --project iris --experiment 23'],
    ['--quiet experiment -xp 23 -o json get', 'experiment get --quiet --experiment 23 --output json'],
  ])('%s', (typed, meant) => expect(normalised(typed)).toBe(meant));

  it('reads -f by the verb it belongs to', () => {
    expect(normalised('experiment -xp 23 -f logs')).toBe('experiment logs --experiment 23 -f');
    expect(normalised('experiment -xp 23 -f logs restart')).toBe('experiment logs --experiment 23 -f restart');
    expect(normalised('experiment -xp 23 -f ./logs restart')).toBe('experiment restart --experiment 23 -f ./logs');
  });

  it('reads -p as the project before the verb, and as the verb says after it', () => {
    expect(normalised('experiment -p iris -xp 23 logs -p')).toBe('experiment logs --project iris --experiment 23 -p');
    expect(normalised('project -p iris experiments -p')).toBe('project experiments --project iris -p');
    expect(normalised('experiment restart -p iris -xp 23')).toBe('experiment restart -p iris --experiment 23');
  });

  it('takes the values of options for no commands', () => {
    expect(normalised('experiment -p stop -xp 23 get')).toBe('experiment get --project stop --experiment 23');
    expect(normalised('run --name experiment -f run')).toBe('run --name experiment -f run');
  });

  it('accepts the underscores of the original', () => {
    expect(normalised('config set --use_https=true')).toBe('config set --use-https=true');
    expect(normalised('experiment logs --hide_time')).toBe('experiment logs --hide-time');
    expect(normalised('run -P my_param=a_b --name a_b')).toBe('run -P my_param=a_b --name a_b');
  });

  it('brings a mistyped verb forward, for a suggestion', () => {
    expect(normalised('experiment -xp 23 resum -u')).toBe('experiment resum --experiment 23 -u');
    expect(normalised('experimnt -xp 23 resume')).toBe('experimnt --experiment 23 resume');
  });

  it('leaves what follows -- alone', () => expect(normalised('experiment -xp 23 get -- -xp')).toBe('experiment get --experiment 23 -- -xp'));

  it('finds the verb in any order of options, and changes nothing the second time', () => {
    const options = [['-xp', '23'], ['--copy'], ['-u'], ['-f', 'a.yml'], ['--name', 'resume'], ['-o', 'json'], ['--quiet']];
    fc.assert(
      fc.property(fc.shuffledSubarray(options), fc.nat(7), (chosen, at) => {
        const words = ['experiment', ...[...chosen.slice(0, at), ['restart'], ...chosen.slice(at)].flat()];
        const meant = normaliseArguments(words, grammar);
        expect(meant.slice(0, 2)).toEqual(['experiment', 'restart']);
        expect(meant).toHaveLength(words.length);
        expect(normaliseArguments(meant, grammar)).toEqual(meant);
      }),
    );
  });

  it('never loses or invents a word, whatever is typed', () => {
    const word = fc.oneof(fc.constantFrom('experiment', 'run', 'project', 'restart', 'get', '-f', '-p', '-u', '--', '-', '-o', '--copy', '-xp'), fc.string());
    fc.assert(fc.property(fc.array(word), (words) => expect(normaliseArguments(words, grammar)).toHaveLength(words.length)));
  });
});
