# Which program does the container run, and what if it ends? Read by sh, with POLYAXON_APP set.
set -u
node="node --max-old-space-size=512 --max-semi-space-size=8"
main="dist/apps/$POLYAXON_APP/src/main.js"
export MALLOC_ARENA_MAX=2

case $POLYAXON_APP in
  secrets) exec node deploy/secrets.mjs ;;
  # Where runs are pods, nothing ends with it, and who made the container starts it again.
  scheduler) [ "${POLYAXON_EXECUTOR:-local}" = local ] || exec $node "$main" ;;
  *) exec $node "$main" ;;
esac

# Programs of experiments are processes of this container and would end with it: a scheduler that has ended is started again beside them, and finds them.
asked='' service=''
trap 'asked=yes; kill -TERM "$service" 2>/dev/null' TERM INT
while [ -z "$asked" ]; do
  $node "$main" &
  service=$!
  wait "$service"
  code=$?
  [ -n "$asked" ] || { echo "the scheduler ended with $code and is started again" >&2; sleep 1; }
done
# The first wait was left when the signal came.
while kill -0 "$service" 2>/dev/null; do wait "$service"; done
exit 0
