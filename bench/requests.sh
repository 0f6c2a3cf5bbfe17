#!/usr/bin/env bash
# Prints what it costs a request of a block to take a connection of its own: bench/requests.sh [SECONDS]
# Figures: docs/performance.md.
set -euo pipefail
ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2> /dev/null
dotnet build "$ROOT/bench/Load/Load.csproj" --configuration Release --nologo --verbosity quiet -consoleLoggerParameters:NoSummary
SSL_CERT_FILE=$folder/certificate.pem dotnet "$ROOT/artifacts/bin/Load/release/Grainflow.Load.dll" requests "$folder" "${1:-10}"
