#!/usr/bin/env bash
# Puts load on a server of its own and prints throughput, p50, p99, memory, and what an execution costs in processor time and syncs of
# the database's log: bench/load.sh [SECONDS] [chains|fan-out]
# PROCESSES=2 bench/load.sh makes it a cluster of so many processes, among which the clients are divided; with GATEWAYS=1 so many of them are
# gateways without a silo, and the clients use these only.
# RUN_AHEAD=false bench/load.sh makes every step wait for its commit. Everything is durable: PostgreSQL with fsync, as ./run starts it.
# Figures: docs/performance.md.
set -euo pipefail
ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
data=$ROOT/.data/load-$$
port=${PORT:-8640}
export ENABLE_AUTH=true JWT_VERIFY_KEY=a-key-for-the-load-script-that-is-long-enough
export API_RATE_LIMIT_PER_MINUTE=0 MAX_CONCURRENT_GRAPH_EXECUTIONS_PER_USER=1000 MAX_CONCURRENT_EXECUTIONS_PER_USER=1000
export EXECUTION_COST_PER_THRESHOLD=${EXECUTION_COST_PER_THRESHOLD:-0} TRUST_ENDPOINTS_FOR_REQUESTS=http://127.0.0.1:$((port + 2))

mkdir -p "$data"
dotnet build "$ROOT/bench/Load/Load.csproj" --configuration Release --nologo --verbosity quiet -consoleLoggerParameters:NoSummary
processes=${PROCESSES:-1} gateways=${GATEWAYS:-0} servers=() urls=
((gateways < processes)) || { echo "load.sh: of $processes processes at least one must be a silo, not all $gateways gateways" >&2; exit 2; }
((processes == 1)) || export CLUSTER=load
trap 'kill "${servers[@]}" 2> /dev/null; wait "${servers[@]}" 2> /dev/null; rm -rf "$data"' EXIT
for ((i = 0; i < processes; i++)); do
  own=$((port + 10 * i)) role=all
  ((i < processes - gateways)) || role=gateway
  ROLE=$role "$ROOT/run" --data "$data" --port "$own" > "$data/server-$i.log" 2>&1 &
  servers+=($!)
  until curl --silent --fail --output /dev/null "http://127.0.0.1:$own/health/ready"; do
    kill -0 "${servers[i]}" 2> /dev/null || { cat "$data/server-$i.log" >&2; exit 1; }
    sleep 0.2
  done
  if ((gateways == 0)) || [[ $role == gateway ]]; then urls+=${urls:+,}http://127.0.0.1:$own; fi
done
LOAD_DATABASE=$("$ROOT/eng/postgres.sh" url "$data") LOAD_POSTMASTER=$(head -n 1 "$data/postgres/postmaster.pid")
export LOAD_DATABASE LOAD_POSTMASTER
dotnet "$ROOT/artifacts/bin/Load/release/Grainflow.Load.dll" "$urls" "$JWT_VERIFY_KEY" "$(IFS=, && echo "${servers[*]}")" $((port + 2)) "${1:-20}" "${2:-}"
