#!/usr/bin/env bash
# How soon many schedules that are due in the same second have started, how fast schedules are registered over REST, and how soon a server with 100,000 of
# them is ready again: bench/schedules.sh [COUNT]; with 0 only the registration
# Everything is durable: PostgreSQL with fsync, as ./run starts it. Figures: docs/performance.md.
set -euo pipefail
ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
data=$ROOT/.data/schedules-$$
port=${PORT:-8680}
export ENABLE_AUTH=true JWT_VERIFY_KEY=a-key-for-the-load-script-that-is-long-enough API_RATE_LIMIT_PER_MINUTE=0

mkdir -p "$data"
dotnet build "$ROOT/bench/Load/Load.csproj" --configuration Release --nologo --verbosity quiet -consoleLoggerParameters:NoSummary
server=
trap 'kill "$server" 2> /dev/null; wait "$server" 2> /dev/null; rm -rf "$data"' EXIT

start() {
  "$ROOT/run" --data "$data" --port "$port" > "$data/server.log" 2>&1 &
  server=$!
  until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health/ready"; do
    kill -0 "$server" 2> /dev/null || { cat "$data/server.log" >&2; exit 1; }
    sleep 0.05
  done
}

start
LOAD_DATABASE=$("$ROOT/eng/postgres.sh" url "$data")
export LOAD_DATABASE
dotnet "$ROOT/artifacts/bin/Load/release/Grainflow.Load.dll" schedules "http://127.0.0.1:$port" "$JWT_VERIFY_KEY" "${1:-10000}"
grep VmRSS "/proc/$server/status" | sed 's/VmRSS:\s*/server, resident: /'
kill "$server" && wait "$server" || true
began=$(date +%s%N)
start
echo "ready again after $((($(date +%s%N) - began) / 1000000)) ms"
