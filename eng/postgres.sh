#!/usr/bin/env bash
# A private PostgreSQL server in a data folder, reachable through a Unix socket only.
#
#   eng/postgres.sh start DIR    starts the server of DIR, or finds it running, and prints its connection string
#   eng/postgres.sh stop DIR     stops it
#   eng/postgres.sh url DIR      prints the connection string of the running server; fails when there is none
#
# Sourced, it gives pg_say, pg_fail, pg_folder, pg_start, pg_stop and pg_url. With PG_PROFILE=test the server gives up durability for speed.
# Below DIR: postgres/ is the cluster, postgres.socket names the server's folder below /tmp, postgres.lock admits one starter at a time.
# The folder below /tmp has the socket, whose path may have about 100 bytes, and the link data, which leads to DIR. PostgreSQL's programs
# pass paths through a shell between double quotes and cut them at 1,024 bytes, so they are given the path through the link.

PG_OLDEST=14
# The data folder whose server this script has started, or nothing.
PG_LAUNCHED=
# Where Debian and Ubuntu keep the server's programs, which are not on the PATH there.
: "${PG_INSTALLED:=/usr/lib/postgresql}"

# Prints a line to standard error. A standard error that is full or closed does not end the script.
pg_say() { (trap '' PIPE && printf '%s\n' "$*" >&2) || true; }

pg_fail() {
  pg_say "$@"
  return 1
}

# Prints the name of the first character that a data folder must not have in its path, or nothing.
pg_bad_character() {
  local LC_ALL=C path=$1 character
  character=${path//[^[:cntrl:]]/}
  case ${character:0:1} in
    '') command -v iconv > /dev/null && ! printf '%s' "$path" | iconv -f UTF-8 -t UTF-8 > /dev/null 2>&1 && echo 'bytes that are not UTF-8' ;;
    $'\n') echo 'a line feed' ;;
    $'\r') echo 'a carriage return' ;;
    $'\t') echo 'a tab' ;;
    *) printf 'the control character U+%04X' "'${character:0:1}" ;;
  esac
}

pg_check_path() {
  local bad
  bad=$(pg_bad_character "$1") || true
  [[ -z $bad ]] || pg_fail "$(printf 'The data folder %q has %s in its path: choose another one with --data.' "$1" "$bad")"
}

# Makes a data folder and sets PG_FOLDER to its path without links. Says why when the folder cannot be used.
pg_folder() {
  local folder=$1 reason
  # An absolute path cannot be taken for an option, for "cd -" or for a folder of CDPATH.
  [[ $folder == /* ]] || folder=$PWD/$folder
  pg_check_path "$folder" || return
  if [[ (-e $folder || -L $folder) && ! -d $folder ]]; then
    pg_fail "The data folder $folder is not a folder: choose another one with --data."
    return
  fi
  if ! reason=$(LC_ALL=C mkdir -p "$folder" 2>&1); then
    pg_fail "The data folder $folder cannot be made (${reason##*: }): choose another one with --data."
    return
  fi
  # The mark keeps line feeds at the end, which a substitution drops.
  if ! PG_FOLDER=$(cd "$folder" 2> /dev/null && pwd -P && echo /); then
    pg_fail "The data folder $folder cannot be entered: choose another one with --data."
    return
  fi
  PG_FOLDER=${PG_FOLDER%$'\n/'}
  pg_check_path "$PG_FOLDER" || return
  [[ -w $PG_FOLDER ]] ||
    pg_fail "The data folder $PG_FOLDER cannot be written: it belongs to another user or is on a read-only file system. Choose another one with --data."
}

# Sets PG_BIN to the server's programs of a major version; without one, of any version from PG_OLDEST.
pg_find() {
  local wanted=${1:-} folder version
  local -a folders=()
  if folder=$(command -v pg_ctl); then folders+=("$(dirname "$(readlink -f "$folder")")"); fi
  while IFS= read -r folder; do folders+=("$folder"); done < <(printf '%s\n' "$PG_INSTALLED"/*/bin | sort -Vr)
  for folder in "${folders[@]}"; do
    [[ -x $folder/pg_ctl && -x $folder/initdb && -x $folder/postgres ]] || continue
    version=$("$folder/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    if [[ -n $wanted ]]; then ((version == wanted)) || continue; else ((version >= PG_OLDEST)) || continue; fi
    PG_BIN=$folder
    return 0
  done
  return 1
}

# Installs Debian's package, without the cluster that it would make and start for everybody.
pg_install() {
  local settings=/etc/postgresql-common/createcluster.d/grainflow.conf failed=0
  pg_say "Installing PostgreSQL ..."
  mkdir -p "${settings%/*}"
  echo 'create_main_cluster = false' > "$settings"
  {
    DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
  } >&2 < /dev/null || failed=1
  rm -f "$settings"
  return $failed
}

# Makes sure that there are server programs that fit the cluster of a data folder.
pg_ensure() {
  local cluster=$1/postgres version=
  if [[ -f $cluster/PG_VERSION ]]; then version=$(< "$cluster/PG_VERSION"); fi
  if [[ -z $version && -d $cluster && -n $(ls -A "$cluster") ]]; then
    pg_fail "$cluster is not a PostgreSQL cluster: choose another folder with --data."
    return
  fi
  if pg_find "$version"; then return 0; fi
  if [[ -n $version ]]; then
    pg_fail "The data in $1 was made by PostgreSQL $version, which is not installed: install postgresql-$version, or choose another folder with --data."
    return
  fi
  if ((EUID == 0)) && command -v apt-get > /dev/null && pg_install && pg_find; then return 0; fi
  pg_fail "No PostgreSQL server found: install one ($PG_OLDEST or newer; on Debian and Ubuntu: apt-get install postgresql), or set DATABASE_URL."
}

# Sets PG_AS, the command that runs the server's programs: PostgreSQL refuses to run as root.
pg_identity() {
  local cluster=$1 owner group
  PG_AS=()
  ((EUID == 0)) || return 0
  mkdir -p "$cluster"
  owner=$(stat -c %u "$cluster")
  group=$(stat -c %g "$cluster")
  # A folder that an ordinary user made stays that user's.
  if ((owner == 0)); then
    owner=$(id -u postgres 2> /dev/null || id -u nobody)
    group=$(id -g postgres 2> /dev/null || id -g nobody)
    chown -R "$owner:$group" "$cluster"
  fi
  PG_AS=(setpriv "--reuid=$owner" "--regid=$group" --clear-groups)
  if ! "${PG_AS[@]}" stat "$cluster/." > /dev/null 2>&1; then
    # A parent folder is closed to that user, as /root is: let the server pass it.
    PG_AS+=(--inh-caps +dac_override --ambient-caps +dac_override)
    "${PG_AS[@]}" stat "$cluster/." > /dev/null 2>&1 ||
      pg_fail "User $(id -nu "$owner") cannot reach $cluster, and PostgreSQL does not run as root: choose a folder that everybody can enter with --data."
  fi
}

# Runs one of the server's programs. It must not inherit the lock, nor a working folder that its user cannot enter.
pg_run() { (cd / && exec "${PG_AS[@]}" "$PG_BIN/$1" "${@:2}") 9>&-; }

# Sets PG_PID to the process named in a cluster's pid file. True when it is this cluster's server, not another that got its number.
pg_running() {
  local cluster=$1
  PG_PID=$(head -n 1 "$cluster/postmaster.pid" 2> /dev/null || true)
  [[ $PG_PID =~ ^[0-9]+$ ]] || return 1
  # A server's working folder is its cluster, by whatever path it was started. Some containers do not let even root see it.
  if [[ -e /proc/$PG_PID/cwd/. ]]; then
    [[ /proc/$PG_PID/cwd -ef $cluster ]]
  else
    { tr '\0' ' ' < "/proc/$PG_PID/cmdline" || ps -o command= -p "$PG_PID"; } 2> /dev/null | grep -Fq -e "$cluster" -e "$(pg_cluster "${cluster%/postgres}")"
  fi
}

# Waits for a server that somebody else has just started.
pg_await() {
  local cluster=$1 tries
  for ((tries = 0; tries < 600; tries++)); do
    [[ $(sed -n '8s/ *$//p' "$cluster/postmaster.pid" 2> /dev/null) != ready ]] || return 0
    pg_running "$cluster" || return 1
    sleep 0.1
  done
  return 1
}

# Waits until no other script starts or stops the server of a data folder, and keeps others from it until pg_unlock.
pg_lock() {
  exec 9> "$1/postgres.lock"
  ! command -v flock > /dev/null || flock 9
}

pg_unlock() { exec 9>&-; }

# The server's folder below /tmp, or nothing.
pg_room() { cat "$1/postgres.socket" 2> /dev/null || true; }

# Makes the server's folder below /tmp, closed to all but the server's user.
pg_open_room() {
  local dir=$1 room
  room=$(mktemp -d /tmp/grainflow.XXXXXXXX) || return
  ln -s "$dir" "$room/data" && { ((EUID != 0)) || chown --reference="$dir/postgres" "$room"; } && echo "$room" > "$dir/postgres.socket"
}

# Removes the server's folder below /tmp. The link in it is not followed.
pg_sweep() {
  local room
  room=$(pg_room "$1")
  [[ ! $room =~ ^/tmp/grainflow\.[A-Za-z0-9]+$ ]] || rm -rf "$room"
  rm -f "$1/postgres.socket"
}

# The path of the cluster for PostgreSQL's programs: through the link where there is one.
pg_cluster() {
  local room
  room=$(pg_room "$1")
  if [[ -n $room && $room/data/postgres -ef $1/postgres ]]; then echo "$room/data/postgres"; else echo "$1/postgres"; fi
}

pg_connection() { printf 'Host=%s;Username=postgres;Database=postgres\n' "$1"; }

# Makes the cluster. An interrupted attempt leaves another name behind and is done again.
pg_create() {
  local dir=$1 cluster=$1/postgres
  [[ -f $cluster/PG_VERSION ]] && return 0
  pg_say "Making a database in $cluster ..."
  rm -rf "$dir/postgres.new"
  # Empty when it is there, and already handed to its user.
  mv "$cluster" "$dir/postgres.new" 2> /dev/null || mkdir "$dir/postgres.new" || return
  if ! pg_run initdb -D "$(pg_room "$dir")/data/postgres.new" --encoding=UTF8 --locale=C --auth=trust --username=postgres --no-instructions \
    ${PG_PROFILE:+--no-sync} > "$dir/postgres.log" 2>&1; then
    pg_say "$(cat "$dir/postgres.log")"
    rm -rf "$dir/postgres.new"
    pg_fail "The database could not be made in $cluster."
    return
  fi
  mv "$dir/postgres.new" "$cluster"
}

pg_launch() {
  local dir=$1 cluster=$1/postgres room settings
  room=$(pg_room "$dir")
  settings="-c listen_addresses='' -c unix_socket_directories=$room -c max_connections=200 -c log_min_messages=warning"
  if [[ ${PG_PROFILE:-} == test ]]; then
    settings+=" -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off"
  fi
  PG_LAUNCHED=$dir
  if ! pg_run pg_ctl start -D "$room/data/postgres" -l "$room/data/postgres/server.log" -o "$settings" -w -t 60 > "$dir/postgres.log" 2>&1 < /dev/null; then
    PG_LAUNCHED=
    pg_say "$(cat "$dir/postgres.log")"
    if [[ -f $cluster/server.log ]]; then
      pg_say "$(tail -n 20 "$cluster/server.log")"
      pg_fail "PostgreSQL did not start; its log is $cluster/server.log."
    else
      pg_fail "PostgreSQL did not start, and wrote no log."
    fi
  fi
}

pg_start_locked() {
  local dir=$1 cluster=$1/postgres
  pg_ensure "$dir" && pg_identity "$cluster" || return
  if pg_running "$cluster"; then
    if [[ -S $(pg_room "$dir")/.s.PGSQL.5432 ]] && pg_await "$cluster"; then return; fi
    # Its socket was swept away: nobody can reach this server any more.
    pg_run pg_ctl stop -D "$(pg_cluster "$dir")" -m fast -w > /dev/null || return
  elif [[ -n $PG_PID && -d /proc/$PG_PID ]]; then
    # A crash left the pid file, and another process has got the number: PostgreSQL would refuse to start.
    rm -f "$cluster/postmaster.pid"
  fi
  pg_sweep "$dir"
  pg_open_room "$dir" && pg_create "$dir" && pg_launch "$dir" && return
  pg_sweep "$dir"
  return 1
}

# Starts the server of a data folder, or finds it running, and sets PG_URL to its connection string.
pg_start() {
  local dir failed=0
  pg_folder "$1" || return
  dir=$PG_FOLDER
  pg_lock "$dir"
  pg_start_locked "$dir" || failed=1
  pg_unlock
  PG_URL=$(pg_connection "$(pg_room "$dir")")
  return $failed
}

# Stops the server of a data folder, if it runs.
pg_stop() {
  local dir cluster failed=0
  [[ -d $1/postgres ]] || return 0
  dir=$(cd "$1" && pwd -P)
  cluster=$dir/postgres
  pg_lock "$dir"
  if pg_running "$cluster"; then
    pg_ensure "$dir" && pg_identity "$cluster" && pg_run pg_ctl stop -D "$(pg_cluster "$dir")" -m fast -w > /dev/null || failed=1
  fi
  ((failed)) || pg_sweep "$dir"
  pg_unlock
  return $failed
}

# Prints the connection string of the running server of a data folder.
pg_url() {
  local dir
  dir=$(cd "$1" 2> /dev/null && pwd -P) && pg_running "$dir/postgres" && pg_connection "$(pg_room "$dir")"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  case "${1:-} ${2:+dir}" in
    'start dir') pg_start "$2" && echo "$PG_URL" ;;
    'stop dir') pg_stop "$2" ;;
    'url dir') pg_url "$2" ;;
    *)
      sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
fi
