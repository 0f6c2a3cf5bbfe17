#!/usr/bin/env bash
# How many charges wallets take, by grain calls and over REST, and how long each waits: bench/wallets.sh [SECONDS]
# Everything is durable: PostgreSQL with fsync, as ./run starts it. Figures: docs/performance.md.
set -euo pipefail
ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
data=$ROOT/.data/wallets-$$

mkdir -p "$data"
dotnet build "$ROOT/bench/Load/Load.csproj" --configuration Release --nologo --verbosity quiet -consoleLoggerParameters:NoSummary
trap '"$ROOT/eng/postgres.sh" stop "$data" > /dev/null; rm -rf "$data"' EXIT
DATABASE_URL=$("$ROOT/eng/postgres.sh" start "$data" < /dev/null)
export DATABASE_URL GRAINFLOW_DATA=$data ENABLE_AUTH=false API_RATE_LIMIT_PER_MINUTE=0
dotnet "$ROOT/artifacts/bin/Load/release/Grainflow.Load.dll" wallets "${1:-10}"
