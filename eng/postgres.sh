#!/usr/bin/env bash
# A private PostgreSQL server in a data folder, reachable through a Unix socket only.
#
#   eng/postgres.sh start DIR    starts the server of DIR, or finds it running, and prints its connection string
#   eng/postgres.sh stop DIR     stops it
#   eng/postgres.sh url DIR      prints the connection string of the running server; fails when there is none
#
# Sourced, it gives pg_ensure, pg_start, pg_stop and pg_url. With PG_PROFILE=test the server gives up durability for speed.
# Below DIR: postgres/ is the cluster, postgres.socket names the folder of the socket, postgres.lock keeps starters apart.

PG_OLDEST=14
# Where Debian and Ubuntu keep the server's programs, which are not on the PATH there.
: "${PG_INSTALLED:=/usr/lib/postgresql}"

pg_say() { printf '%s\n' "$*" >&2; }

pg_fail() {
  pg_say "$@"
  return 1
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
    { tr '\0' ' ' < "/proc/$PG_PID/cmdline" || ps -o command= -p "$PG_PID"; } 2> /dev/null | grep -Fq -- "$cluster"
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

# Keeps starters and stoppers of one data folder apart, until pg_unlock.
pg_lock() {
  exec 9> "$1/postgres.lock"
  ! command -v flock > /dev/null || flock 9
}

pg_unlock() { exec 9>&-; }

# Removes the socket's folder.
pg_sweep() {
  local socket
  socket=$(pg_socket "$1")
  [[ ! $socket =~ ^/tmp/grainflow\.[A-Za-z0-9]+$ ]] || rm -rf "$socket"
  rm -f "$1/postgres.socket"
}

pg_socket() { cat "$1/postgres.socket" 2> /dev/null || true; }

pg_connection() { printf 'Host=%s;Username=postgres;Database=postgres\n' "$1"; }

# Makes the cluster. An interrupted attempt leaves another name behind and is done again.
pg_create() {
  local dir=$1 cluster=$1/postgres
  [[ -f $cluster/PG_VERSION ]] && return 0
  pg_say "Making a database in $cluster ..."
  rm -rf "$dir/postgres.new"
  # Empty when it is there, and already handed to its user.
  mv "$cluster" "$dir/postgres.new" 2> /dev/null || mkdir "$dir/postgres.new"
  if ! pg_run initdb -D "$dir/postgres.new" --encoding=UTF8 --locale=C --auth=trust --username=postgres --no-instructions \
    ${PG_PROFILE:+--no-sync} > "$dir/postgres.log" 2>&1; then
    cat "$dir/postgres.log" >&2
    rm -rf "$dir/postgres.new"
    pg_fail "The database could not be made in $cluster."
    return
  fi
  mv "$dir/postgres.new" "$cluster"
}

pg_launch() {
  local dir=$1 cluster=$1/postgres socket settings
  # Socket paths may have about 100 bytes, so the socket lies in a short folder of its own, closed to all but the server's user.
  socket=$(mktemp -d /tmp/grainflow.XXXXXXXX)
  echo "$socket" > "$dir/postgres.socket"
  ((EUID != 0)) || chown --reference="$cluster" "$socket"
  settings="-c listen_addresses='' -c unix_socket_directories=$socket -c max_connections=200 -c log_min_messages=warning"
  if [[ ${PG_PROFILE:-} == test ]]; then
    settings+=" -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off"
  fi
  if ! pg_run pg_ctl start -D "$cluster" -l "$cluster/server.log" -o "$settings" -w -t 60 > "$dir/postgres.log" 2>&1 < /dev/null; then
    cat "$dir/postgres.log" >&2
    tail -n 20 "$cluster/server.log" >&2 2> /dev/null || true
    pg_sweep "$dir"
    pg_fail "PostgreSQL did not start; its log is $cluster/server.log."
  fi
}

pg_start_locked() {
  local dir=$1 cluster=$1/postgres
  pg_ensure "$dir" && pg_identity "$cluster" && pg_create "$dir" || return
  if pg_running "$cluster"; then
    if [[ -S $(pg_socket "$dir")/.s.PGSQL.5432 ]] && pg_await "$cluster"; then return; fi
    # Its socket was swept away: nobody can reach this server any more.
    pg_run pg_ctl stop -D "$cluster" -m fast -w > /dev/null || return
  elif [[ -n $PG_PID && -d /proc/$PG_PID ]]; then
    # A crash left the pid file, and another process has got the number: PostgreSQL would refuse to start.
    rm -f "$cluster/postmaster.pid"
  fi
  pg_sweep "$dir"
  pg_launch "$dir"
}

# Starts the server of a data folder, or finds it running, and sets PG_URL to its connection string.
pg_start() {
  local dir failed=0
  mkdir -p "$1" && dir=$(cd "$1" && pwd -P) || return
  [[ -w $dir ]] || pg_fail "$dir belongs to another user: choose another folder with --data." || return
  pg_lock "$dir"
  pg_start_locked "$dir" || failed=1
  pg_unlock
  PG_URL=$(pg_connection "$(pg_socket "$dir")")
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
    pg_ensure "$dir" && pg_identity "$cluster" && pg_run pg_ctl stop -D "$cluster" -m fast -w > /dev/null || failed=1
  fi
  ((failed)) || pg_sweep "$dir"
  pg_unlock
  return $failed
}

# Prints the connection string of the running server of a data folder.
pg_url() {
  local dir
  dir=$(cd "$1" 2> /dev/null && pwd -P) && pg_running "$dir/postgres" && pg_connection "$(pg_socket "$dir")"
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
