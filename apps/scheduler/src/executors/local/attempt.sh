# How does an attempt keep its true exit code when nobody is there to hear it?
# Arguments: the attempt's folder, a shell, the command, then the cgroup.procs files that the command joins. Leads a session of its own; file descriptor 3
# is a pipe that closes when it is decided whether this process runs the command.

folder=$1 shell=$2 command=$3
shift 3

# Signals to the group are for the command: this shell outlives them. A handler is not inherited; ignoring them would be.
trap : HUP INT TERM

# Of two launches the first to create the claim runs the command.
(set -C && echo $$ >"$folder/claim") 2>/dev/null || exit 0
exec 3>&-

# In the foreground, since a background command would ignore SIGINT. `echo 0` moves the process that writes it.
(
  for group; do
    echo 0 >"$group"
  done 2>/dev/null
  exec "$shell" -c -- "$command"
) >>"$folder/console" 2>&1
code=$?

# A full disk delays the end but can't hide it.
until echo "$code" >"$folder/exit.part" && mv "$folder/exit.part" "$folder/exit"; do
  [ -d "$folder" ] || exit 0
  sleep 1
done 2>/dev/null
