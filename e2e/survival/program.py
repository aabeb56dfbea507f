# What does a training do that tells, in its outputs, when it starts and ends and whether anybody else writes there at the same time? The kernel keeps the lock, whoever dies.
import fcntl, json, os, random, signal, sys, time

out = os.environ['POLYAXON_RUN_OUTPUTS_PATH']
info = json.loads(os.environ['POLYAXON_EXPERIMENT_INFO'])
me = '%s %s' % (info['experiment_name'].split('.')[-1], info['attempt'])


def say(what):
    with open(os.path.join(out, 'writers.log'), 'a') as file:
        file.write('%s %s\n' % (what, me))


def leave(*_):
    say('end')
    sys.exit(143)


lock = open(os.path.join(out, 'lock'), 'a')
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    say('overlap')
say('start')
signal.signal(signal.SIGTERM, leave)
lines = random.randint(1, int(sys.argv[1]))
for n in range(lines):
    print('line %d' % n, flush=True)
    time.sleep(random.random() * 0.05)
say('end')
print('last of %d' % lines, flush=True)
