# How does an attempt keep its true exit code when nobody is there to hear it?
# Arguments: the attempt's folder, a shell, the command, a line that the console begins with (or nothing), the number of build steps and then each of them, and the
# cgroup.procs files that the command joins. Leads a session of its own; file descriptor 3 is a pipe that closes when it is decided whether this process runs the command.

folder=$1 shell=$2 command=$3 preamble=$4 steps=$5
shift 5

# Signals to the group are for the command: this shell outlives them. A handler is not inherited; ignoring them would be.
trap : HUP INT TERM

# Of two launches the first to create the claim runs the command.
(set -C && echo $$ >"$folder/claim") 2>/dev/null || exit 0
exec 3>&-

# In the foreground, since a background command would ignore SIGINT. `echo 0` moves the process that writes it.
(
  [ -z "$preamble" ] || printf '%s\n' "$preamble"
  skipped=0
  for group; do
    skipped=$((skipped + 1))
    [ "$skipped" -le "$steps" ] || echo 0 >"$group"
  done 2>/dev/null
  step=0
  while [ "$step" -lt "$steps" ]; do
    step=$((step + 1))
    printf '%s of %s (%s)' "$step" "$steps" "$1" >"$folder/building"
    printf 'build step %s of %s: %s\n' "$step" "$steps" "$1"
    "$shell" -c -- "$1" || exit
    shift
  done
  rm -f "$folder/building"
  exec "$shell" -c -- "$command"
) >>"$folder/console" 2>&1
code=$?

# A full disk delays the end but can't hide it.
until echo "$code" >"$folder/exit.part" && mv "$folder/exit.part" "$folder/exit"; do
  [ -d "$folder" ] || exit 0
  sleep 1
done 2>/dev/null
