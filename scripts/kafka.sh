#!/usr/bin/env bash
# A real Apache Kafka for tests, benchmarks and ./run --cluster: brokers on loopback, data in a folder of their own.
#   scripts/kafka.sh start DIR [BROKERS]    starts 1 (or 3) brokers, or those DIR had before; prints bootstrap servers
#   scripts/kafka.sh stop DIR               stops them; what they hold stays in DIR
#   scripts/kafka.sh kill DIR NODE          kill -9 of one broker (nodes are 1, 2, 3)
#   scripts/kafka.sh freeze|thaw DIR NODE   SIGSTOP and SIGCONT
#   scripts/kafka.sh restart DIR NODE       starts one broker again
#   scripts/kafka.sh exec DIR COMMAND…      runs the command with MESSAGE_SERVICE_KAFKA=<bootstrap servers>
#   scripts/kafka.sh tool CLASS ARGUMENT…   one of Kafka's own tools, e.g. org.apache.kafka.tools.TopicCommand
#   scripts/kafka.sh install                only fetches Kafka
# The program itself comes from Maven Central once, into ${MESSAGE_SERVICE_CACHE:-~/.cache/message-service}.
# KAFKA_JAVA_OPTIONS replaces the Java options. KAFKA_TLS names a folder with server.pem (certificate and key) and ca.pem:
# brokers of a new DIR then speak TLS only, among themselves too.
set -euo pipefail

version=4.1.0
cache=${MESSAGE_SERVICE_CACHE:-$HOME/.cache/message-service}
libs=$cache/kafka-$version
java_options=${KAFKA_JAVA_OPTIONS:--Xms128m -Xmx384m -XX:+UseSerialGC}

fail() { echo "kafka.sh: $*" >&2; exit 1; }

# Complete or absent: the jars are moved into place when all are there.
install() {
  [[ -d $libs ]] && return
  mkdir -p "$cache"
  exec 9>"$cache/maven.lock" # one Maven at a time: tests/support/java.mjs takes it too
  flock 9
  if [[ ! -d $libs ]]; then
    local fresh=$cache/kafka-$version.fresh
    rm -rf "$fresh"
    mkdir -p "$fresh"
    cat >"$fresh/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>message-service</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
    echo "Fetching Apache Kafka $version" >&2
    (cd "$fresh" && mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=libs >&2)
    mv "$fresh/libs" "$libs"
    rm -rf "$fresh"
  fi
  exec 9>&-
}

# DIR/ports: a broker's and a controller's port for each node, kept so that a broker comes back where it was.
prepare() {
  local dir=$1 brokers=$2 node
  local -a ports
  mkdir -p "$dir"
  read -ra ports <<<"$("$(dirname "${BASH_SOURCE[0]}")/free_ports.py" $((brokers * 2)))"
  local voters="" bootstrap=""
  for ((node = 1; node <= brokers; ++node)); do
    bootstrap+="${bootstrap:+,}127.0.0.1:${ports[node - 1]}"
    voters+="${voters:+,}$node@127.0.0.1:${ports[brokers + node - 1]}"
  done
  local protocol=PLAINTEXT tls=""
  if [[ -n ${KAFKA_TLS:-} ]]; then
    protocol=SSL
    tls=$(realpath "$KAFKA_TLS")
  fi
  local replicas=$brokers in_sync=$((brokers > 2 ? 2 : 1))
  for ((node = 1; node <= brokers; ++node)); do
    mkdir -p "$dir/$node"
    cat >"$dir/$node/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
listeners=$protocol://127.0.0.1:${ports[node - 1]},CONTROLLER://127.0.0.1:${ports[brokers + node - 1]}
advertised.listeners=$protocol://127.0.0.1:${ports[node - 1]}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=$protocol
log.dirs=$(realpath "$dir")/$node/data
num.network.threads=2
num.io.threads=4
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
log.cleaner.dedupe.buffer.size=4194304
PROPERTIES
    [[ -z $tls ]] || cat >>"$dir/$node/server.properties" <<PROPERTIES
ssl.keystore.type=PEM
ssl.keystore.location=$tls/server.pem
ssl.truststore.type=PEM
ssl.truststore.location=$tls/ca.pem
PROPERTIES
  done
  local id
  # A leading '-' is possible, hence --cluster-id=.
  id=$(python3 -c 'import base64, uuid; print(base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="))')
  for ((node = 1; node <= brokers; ++node)); do
    java -cp "$libs/*" kafka.tools.StorageTool format "--cluster-id=$id" -c "$dir/$node/server.properties" >"$dir/$node/format.log" 2>&1 ||
      { cat "$dir/$node/format.log" >&2; fail "cannot format $dir/$node"; }
  done
  echo "$bootstrap" >"$dir/bootstrap"
}

pid_of() {
  [[ -e $1/pid ]] && kill -0 "$(cat "$1/pid")" 2>/dev/null && cat "$1/pid"
}

launch() {
  local node=$1
  pid_of "$node" >/dev/null && return
  # shellcheck disable=SC2086  # options are words
  setsid java $java_options -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$libs/*" kafka.Kafka "$node/server.properties" \
    >"$node/log" 2>&1 </dev/null 9>&- &
  echo $! >"$node/pid"
}

await_start() {
  local node=$1
  for _ in $(seq 600); do
    pid_of "$node" >/dev/null || { tail -20 "$node/log" >&2; fail "broker $node ended while starting"; }
    grep -q "Kafka Server started" "$node/log" && return
    sleep 0.1
  done
  fail "broker $node did not start within a minute; see $node/log"
}

signal() {
  local pid
  pid=$(pid_of "$2/$3") || fail "broker $3 in $2 does not run"
  kill "-$1" "$pid"
}

await_end() {
  for _ in $(seq 300); do
    pid_of "$1" >/dev/null || { rm -f "$1/pid"; return; }
    sleep 0.1
  done
  kill -KILL "$(cat "$1/pid")" 2>/dev/null || true
  rm -f "$1/pid"
}

nodes_of() { find "$1" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' 2>/dev/null | sort; }

command=${1:-help}
case "$command" in
  install) install ;;
  start)
    install
    [[ -e $2/bootstrap ]] || prepare "$2" "${3:-1}"
    for node in $(nodes_of "$2"); do launch "$node"; done
    for node in $(nodes_of "$2"); do await_start "$node"; done
    cat "$2/bootstrap"
    ;;
  stop)
    for node in $(nodes_of "$2"); do
      pid=$(pid_of "$node") && kill -CONT "$pid" && kill -TERM "$pid"
    done
    for node in $(nodes_of "$2"); do await_end "$node"; done
    ;;
  kill) signal KILL "$2" "$3" && await_end "$2/$3" ;;
  freeze) signal STOP "$2" "$3" ;;
  thaw) signal CONT "$2" "$3" ;;
  restart) install && launch "$2/$3" && await_start "$2/$3" ;;
  exec)
    dir=$2
    shift 2
    MESSAGE_SERVICE_KAFKA=$(cat "$dir/bootstrap") exec "$@"
    ;;
  tool)
    install
    shift
    exec java -cp "$libs/*" "$@"
    ;;
  *) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
