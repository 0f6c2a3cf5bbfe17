# Sourced by test: makes NuGet take the packages in the folder ORLEANS_PACKAGES from there, and everything else from the usual sources.
# Sets ORLEANS_PACKAGE_OPTIONS, options for dotnet build. Needs DOTNET and ROOT.

orleans_packages() {
  local folder made=$ROOT/artifacts/orleans-packages name url file i=0
  local -a ids
  ORLEANS_PACKAGE_OPTIONS=()
  [[ -n ${ORLEANS_PACKAGES:-} ]] || return 0
  folder=$(cd "$ORLEANS_PACKAGES" 2> /dev/null && pwd -P || echo "$ORLEANS_PACKAGES")
  mapfile -t ids < <(
    for file in "$folder"/*.nupkg; do
      [[ -e $file ]] || continue
      name=${file##*/}
      sed -E 's/\.[0-9]+\.[0-9]+\.[0-9]+(\.[0-9]+)?([-+].*)?\.nupkg$//' <<< "$name"
    done | sort -u
  )
  if ((${#ids[@]} == 0)); then
    echo "ORLEANS_PACKAGES names $folder, which has no .nupkg files." >&2
    return 1
  fi

  mkdir -p "$made"
  {
    echo '<configuration>'
    echo '  <packageSources>'
    echo '    <clear />'
    printf '    <add key="orleans" value="%s" />\n' "$(orleans_xml "$folder")"
    while IFS= read -r url; do
      printf '    <add key="usual%d" value="%s" />\n' "$((i += 1))" "$(orleans_xml "$url")"
    done < <(orleans_usual_sources)
    echo '  </packageSources>'
    echo '  <packageSourceMapping>'
    echo '    <packageSource key="orleans">'
    printf '      <package pattern="%s" />\n' "${ids[@]}"
    echo '    </packageSource>'
    i=0
    while IFS= read -r url; do
      printf '    <packageSource key="usual%d"><package pattern="*" /></packageSource>\n' "$((i += 1))"
    done < <(orleans_usual_sources)
    echo '  </packageSourceMapping>'
    echo '</configuration>'
  } > "$made/nuget.config"
  # A cache of its own: packages of the same name from elsewhere may lie in the usual one.
  ORLEANS_PACKAGE_OPTIONS=("-p:RestoreConfigFile=$made/nuget.config" "-p:RestorePackagesPath=$made/cache/")
  # The folder says which version it holds.
  name=$(find "$folder" -maxdepth 1 -iname 'Microsoft.Orleans.Sdk.[0-9]*.nupkg' -printf '%f\n' | sort -V | tail -n 1)
  if [[ $name =~ \.Sdk\.(.+)\.nupkg$ ]]; then ORLEANS_PACKAGE_OPTIONS+=("-p:OrleansVersion=${BASH_REMATCH[1]}"); fi
}

# The sources that are switched on, one per line: lines of the listing are "E <source>".
orleans_usual_sources() { (cd "$ROOT" && "$DOTNET" nuget list source --format short) | sed -n 's/^E[A-Z]* //p'; }

orleans_xml() { sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/"/\&quot;/g' <<< "$1"; }
