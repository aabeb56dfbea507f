# How does the stand-in for the official Kafka image start? Each KAFKA_SOME_NAME is the property some.name, but for those that are for Java.
set -euo pipefail
properties=/opt/kafka/config/server.properties
: >"$properties"
while IFS='=' read -r name value; do
  case $name in
    KAFKA_HEAP_OPTS | KAFKA_OPTS | KAFKA_JMX_OPTS | KAFKA_JVM_PERFORMANCE_OPTS | KAFKA_GC_LOG_OPTS | KAFKA_LOG4J_*) continue ;;
    KAFKA_*) ;;
    *) continue ;;
  esac
  property=$(printf '%s' "${name#KAFKA_}" | tr '[:upper:]' '[:lower:]' | sed -e 's/___/\x01/g; s/__/\x02/g; s/_/./g; s/\x01/-/g; s/\x02/_/g')
  printf '%s=%s\n' "$property" "$value" >>"$properties"
done < <(env)
java="java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp /opt/kafka/libs/*"
set -f
$java kafka.tools.StorageTool format -g -t "$CLUSTER_ID" -c "$properties"
exec $java ${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G} kafka.Kafka "$properties"
