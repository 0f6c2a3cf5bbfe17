#!/usr/bin/env bash
# How long a delivery of a webhook waits for its acknowledgement at a given rate: bench/webhooks.sh [DELIVERIES_A_SECOND] [SECONDS]
# Everything is durable: PostgreSQL with fsync, as ./run starts it. Figures: docs/performance.md.
set -euo pipefail
ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
data=$ROOT/.data/webhooks-$$

mkdir -p "$data"
dotnet build "$ROOT/bench/Load/Load.csproj" --configuration Release --nologo --verbosity quiet -consoleLoggerParameters:NoSummary
trap '"$ROOT/eng/postgres.sh" stop "$data" > /dev/null; rm -rf "$data"' EXIT
DATABASE_URL=$("$ROOT/eng/postgres.sh" start "$data" < /dev/null)
export DATABASE_URL GRAINFLOW_DATA=$data ENABLE_AUTH=false API_RATE_LIMIT_PER_MINUTE=0 WEBHOOK_RATE_LIMIT_PER_MINUTE=0 PLATFORM_BASE_URL=http://localhost
dotnet "$ROOT/artifacts/bin/Load/release/Grainflow.Load.dll" webhooks "${1:-200}" "${2:-15}"
