# What does a person at a terminal see? Runs argv[2:] on a terminal of its own, types each [awaited, typed] of argv[1] when it appears, prints all there was.
import json
import os
import pty
import sys

typing = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b''
while True:
    try:
        chunk = os.read(terminal, 4096)
    except OSError:
        break
    if not chunk:
        break
    seen += chunk
    if typing and typing[0][0].encode() in seen:
        os.write(terminal, typing.pop(0)[1].encode())
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
