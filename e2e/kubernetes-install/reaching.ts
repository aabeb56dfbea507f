// Whom does a pod reach, and whom not?

/** Rules come a moment after their pod: looks again until it is as it should be, half a minute at most, and says last what it is. */
export const reachProgram = `
import json, socket, sys, time
targets, wanted = json.loads(sys.argv[1]), json.loads(sys.argv[2])
def reaches(address):
    host, port = address.rsplit(':', 1)
    try:
        socket.create_connection((host, int(port)), 2).close()
        return True
    except OSError:
        return False
for _ in range(30):
    found = [name for name, address in targets.items() if reaches(address)]
    if found == wanted:
        break
    time.sleep(1)
print('reaches', ' '.join(found))
sys.exit(0 if found == wanted else 1)
`;

/** By name, `host:port`. */
export type Targets = Readonly<Record<string, string>>;

export const reachArguments = (targets: Targets, wanted: readonly string[]): [string, string] => [JSON.stringify(targets), JSON.stringify(Object.keys(targets).filter((one) => wanted.includes(one)))];
