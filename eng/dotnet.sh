# Sourced by run and test: finds the .NET SDK, and keeps its own files out of the way.
# Sets DOTNET to the program; ROOT must be the checkout.

dotnet_find() {
  local candidate
  DOTNET=
  for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-}/dotnet" "${HOME:-}/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
    if [[ -x $candidate ]]; then
      DOTNET=$candidate
      break
    fi
  done
  [[ -n $DOTNET ]]
}

# Says what is missing, if the SDK is.
dotnet_ensure_sdk() {
  if dotnet_find && "$DOTNET" --list-sdks 2> /dev/null | grep -q '^10\.'; then return 0; fi
  echo "The .NET SDK 10 is needed: see https://dotnet.microsoft.com/download/dotnet/10.0, or run: apt-get install dotnet-sdk-10.0" >&2
  return 1
}

dotnet_settings() {
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
  # A user without a home, as services and containers have, keeps the packages in the checkout.
  if [[ ! -w ${HOME:-/nonexistent} ]]; then
    export DOTNET_CLI_HOME=$ROOT/artifacts/home NUGET_PACKAGES=${NUGET_PACKAGES:-$ROOT/artifacts/home/packages}
    mkdir -p "$DOTNET_CLI_HOME"
  fi
}

# Builds a project or solution. Its projects share one compiler, which compiles itself and the analyzers once and not for each project, which halves the time. It is asked for
# although it is the default, because some environments switch it off (UseSharedCompilation) to be left without build servers; none stays behind here.
dotnet_build() {
  local compiler=grainflow-$$ status=0 process
  "$DOTNET" build "$@" --nologo --verbosity quiet -consoleLoggerParameters:NoSummary -nodeReuse:false -p:UseSharedCompilation=true -p:SharedCompilationId=$compiler || status=$?
  for process in /proc/[0-9]*; do
    if [[ $(tr '\0' ' ' 2> /dev/null < "$process/cmdline") == *" -pipename:$compiler "* ]]; then kill "${process#/proc/}" || true; fi
  done
  return $status
}
