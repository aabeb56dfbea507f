# How does a program lead its own container, and leave its true exit code whatever ends it?
# The first process of the container: whatever else runs there is the program's. What it is to run is in POLYAXON_ATTEMPT_*; its folder is the one it lies in.

[ "$$" = 1 ] || { echo 'attempt.sh ends every process it can reach: it runs as the first of a container only' >&2; exit 125; }

# Of the shells only this one can undo that what runs beside it ignores SIGINT.
[ -n "${BASH_VERSION-}" ] || ! [ -x /bin/bash ] || exec /bin/bash "$0"

folder=${0%/*}
cd "$folder/code" || exit 125
umask 022
[ -z "${POLYAXON_LOGS_PATH-}" ] || mkdir -p "$POLYAXON_LOGS_PATH" 2>/dev/null
shell=/bin/sh
[ ! -x /bin/bash ] || shell=/bin/bash
secret=${folder%/*}/secret/token
[ ! -r "$secret" ] || POLYAXON_SECRET_USER_TOKEN=$(cat "$secret")
export POLYAXON_SECRET_USER_TOKEN="${POLYAXON_SECRET_USER_TOKEN-}" PYTHONPATH="$folder/python${PYTHONPATH:+:$PYTHONPATH}"
command=$POLYAXON_ATTEMPT_COMMAND preamble=${POLYAXON_ATTEMPT_PREAMBLE-} steps=${POLYAXON_ATTEMPT_STEPS:-0} built=${POLYAXON_ATTEMPT_BUILT-} grace=${POLYAXON_GRACE_SECONDS:-30}
unset POLYAXON_ATTEMPT_COMMAND POLYAXON_ATTEMPT_PREAMBLE POLYAXON_ATTEMPT_STEPS POLYAXON_ATTEMPT_BUILT

# So and not otherwise: each of the shells knows it.
everybody() { kill "-$1" -1; }

# A wait ends when a signal comes, and a wrapper that leaves at once must not cost the training its last checkpoint: whoever is asked to end, all have the grace.
asked=
# That it was asked before it had ended is left for the carrier.
trap '[ -n "$asked" ] || [ -e "$folder/ended" ] || : >"$folder/asked"; everybody TERM; [ -n "$asked" ] || asked=$(date +%s)' TERM
exec 2>/dev/null

rest() { sleep 0.05 2>/dev/null || sleep 1; }

# The carrier is told once that the program is gone, so it has to listen before that; should it never be there, the program runs without it.
waits=100
while [ "$waits" -gt 0 ] && [ ! -e "$folder/attended" ] && [ -z "$asked" ]; do
  waits=$((waits - 1))
  rest
done

# It outlives what is sent to everybody, and knows how the program ended also when this process was waiting for something else.
(
  trap : HUP TERM
  trap - INT QUIT
  (
    [ -z "$preamble" ] || printf '%s\n' "$preamble"
    # what the steps have made of the code, when they ran as the image was built
    [ -z "$built" ] || cp -R "$built/." . || exit
    step=0
    while [ "$step" -lt "$steps" ]; do
      step=$((step + 1))
      eval "line=\$POLYAXON_ATTEMPT_STEP_$step; unset POLYAXON_ATTEMPT_STEP_$step"
      printf '%s of %s (%s)' "$step" "$steps" "$line" >"$folder/building"
      printf 'build step %s of %s: %s\n' "$step" "$steps" "$line"
      "$shell" -c -- "$line" || exit
    done
    [ "$steps" = 0 ] || : >"$folder/built"
    rm -f "$folder/building"
    exec "$shell" -c -- "$command"
  ) >>"$folder/console" 2>&1 </dev/null
  code=$?
  until echo "$code" >"$folder/code.part" && mv "$folder/code.part" "$folder/ended"; do sleep 1; done
) &
leader=$!
while [ -z "$asked" ] && kill -0 "$leader" 2>/dev/null; do wait "$leader"; done

if [ -n "$asked" ]; then
  while everybody 0 && [ $(($(date +%s) - asked)) -le "$grace" ]; do rest; done
fi
while everybody KILL; do rest; done

# A full disk delays the end but can't hide it.
code=137
[ ! -f "$folder/ended" ] || read -r code <"$folder/ended"
until echo "$code" >"$folder/exit.part" && mv "$folder/exit.part" "$folder/exit"; do sleep 1; done
exit "$code"
