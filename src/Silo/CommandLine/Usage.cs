namespace Grainflow.Silo.CommandLine;

/// <summary>What <c>./run --help</c> prints.</summary>
internal static class Usage
{
    public const string Text = """
        Grainflow runs agents: graphs of blocks, durably.

        Usage
          ./run AGENT.json [--input NAME=VALUE ...]    run an exported agent to its end
          ./run AGENT.json --scenario FILE             run an agent against scripted services and compare
          ./run                                        the server: REST and WebSocket, until Ctrl-C
          ./run schedule add AGENT.json --cron TEXT    let the server run an agent at the times of a cron expression;
                                                       also list, history, pause, resume: ./run schedule --help
          ./run --list-blocks                          print the reference of all blocks, which is docs/blocks.md
          ./run --migrate                              bring the database to the schema of this version, and end
          ./run --reconcile                            compare ledger, wallets and payments, also beside a server; exit code 1
                                                       when they do not agree
          ./run --rotate-keys                          seal the secrets of all users by ENCRYPTION_KEY, also beside a server

        While the server runs, ./run AGENT.json on the same data folder is run by it. With CLUSTER, ./run is one of any number
        of processes that share a database, and ./run AGENT.json asks one of them.

        Options
          --input NAME=VALUE ...   inputs of the agent. VALUE is text, or a number, true, false or JSON where the input
                                   is of that type; a JSON list or object where it takes anything; NAME:=JSON gives
                                   any JSON. A pin of a node that starts the agent is named PIN or NODE_ID.PIN.
          --credential PROVIDER=FILE   what the agent signs in with at a provider, instead of the settings: a file with an API key, or with
                                   a JSON object: username and password, access_token, host and headers, or api_key and
                                   metadata, whose base_url is the address of your own model server. It is kept as a
                                   credential of yours, encrypted, one for each provider; once for each provider
          --dry-run                run without effects, credentials and charges: what only computes is computed, other blocks answer
                                   with samples of their outputs, the same each time; inputs that are not given are samples too
          --max-cost N             the most credits that the run and its sub-agents may spend; the step beyond fails the run
          --estimate               print what the run would cost, as JSON, and do not run it
          --scenario FILE          scripted model replies, doubles of blocks, inputs and what is expected of them
          --case NAME              only the case of that name
          --json                   print nothing but the JSON result
          --data DIR               the data folder (default .data beside this script)
          --port N                 the port of the server (default 8000); the WebSocket is there at /ws, and on N+1 too
          --help                   this text

        The result goes to standard output as JSON: graph_exec_id, status, outputs, stats. Progress goes to standard error.
        Exit code 0 only when the run is COMPLETED, when every case of the scenario holds, or when the server was stopped;
        1 when the run ended otherwise or was refused, or when its result could not be written; 2 for a wrong command line,
        a file that is not there, or a scenario without a case for the agent; 75 when its cluster has declared this process
        dead (start it again); 130 when interrupted.

        A run that was interrupted, even by kill -9 or a power cut, goes on at the next start with the same data folder;
        the same agent with the same inputs is then continued, not started again.

        Settings (environment)
          DATABASE_URL                   use this PostgreSQL instead of a private one; with ?schema=NAME in a schema of its own
          DIRECT_URL                     PostgreSQL itself where DATABASE_URL is a connection pooler such as pgbouncer
          CLUSTER, ROLE                  the name of the cluster to join; all (the default), silo or gateway
          ORLEANS_SILO_PORT, ORLEANS_GATEWAY_PORT, ORLEANS_ADVERTISED_ADDRESS   where its processes reach each other
                                         (free ports, kept in the data folder; POD_IP, else 127.0.0.1)
          ORLEANS_TLS_CERTIFICATE_FILE, ORLEANS_TLS_KEY_FILE, ORLEANS_TLS_CA_FILE   PEM files: they talk through TLS
          LOG_STACK_TRACES               true: errors show where in the program they were thrown
          OPENAI_API_KEY, JINA_API_KEY, OPEN_ROUTER_API_KEY, GROQ_API_KEY, ...   keys of services
          ENCRYPTION_KEY, ENCRYPTION_KEY_OLD   what credentials are encrypted with: 32 bytes in base64, and older keys with commas
                                         between (a key file in the data folder; a cluster needs it set)
          OPENAI_BASE_URL                another OpenAI-compatible endpoint
          TRUST_ENDPOINTS_FOR_REQUESTS   private endpoints that agents may call, for example ["http://127.0.0.1:9000"]
          ENABLE_CREDIT, NUM_USER_CREDITS_REFILL   credits: on or off (on only with ENABLE_AUTH=true), and the grant of a month
          ENABLE_AUTH                    true: the server asks for tokens, which JWT_VERIFY_KEY or the keys at JWT_JWKS_URL check
                                         (JWT_SIGN_ALGORITHM, default HS256); false (the default): everybody on this machine is its one user
          AGENT_API_HOST, AGENT_API_PORT, WEBSOCKET_SERVER_PORT   where the server listens (127.0.0.1, 8000, 8001)
          BACKEND_CORS_ALLOW_ORIGINS     web pages that may call it, for example ["http://localhost:3000"]
          CRON_DIALECT                   how the server reads cron expressions: apscheduler (the default), autogpt or standard
          API_RATE_LIMIT_PER_MINUTE      requests of one caller per minute (1200; 0 for no limit)
        """;

    /// <summary>What <c>./run schedule --help</c> prints.</summary>
    public const string Schedule = """
        ./run schedule: when agents run. A server (./run) on the same data folder keeps the schedules and fires them.

        Usage
          ./run schedule add AGENT.json --cron TEXT [options]   store the agent and a schedule of it
          ./run schedule list                                   the schedules, and when each is due next
          ./run schedule history ID [--limit N]                 what it has started and skipped, newest first (N: 1 to 1000, default 20)
          ./run schedule pause ID, resume ID                    stop it, let it go on
          ./run schedule trigger ID                             run it now, also while it is paused
          ./run schedule remove ID                              delete it and its history; its runs stay
          ./run schedule preview --cron TEXT [options]          what a cron expression means, and when it is due next; needs no server

        Options of add
          --cron TEXT        the times, as for preview; or --at TIME, once, in ISO 8601
          --timezone ZONE    an IANA name such as Europe/London (default UTC)
          --name NAME        its name (default the name of the agent)
          --description TEXT what it is for
          --input NAME=VALUE ...   the inputs of each run, as for ./run AGENT.json
          --overlap RULE     when a run of it has not ended: allow (the default), skip, buffer_one or cancel_other

        Options of all
          --json             the answer as JSON
          --data DIR         the data folder of the server; with CLUSTER, DATABASE_URL is where its gateways are found
          --token TOKEN      the access token for a server with ENABLE_AUTH; or the variable GRAINFLOW_TOKEN, which the list of
                             processes does not show

        Options of preview
          --cron TEXT        five fields (minute, hour, day of month, month, day of week), or @yearly, @monthly, @weekly, @daily, @hourly
          --timezone ZONE    an IANA name such as Europe/London (default UTC)
          --dialect NAME     standard (the default): Sunday is 0 or 7, and a day of month or a weekday that matches is enough;
                             autogpt: Sunday is 0 or 7, and both must match; apscheduler: Monday is 0, and both must match
          --count N          how many times, 1 to 100 (default 5)
          --from TIME        the first time that counts, in ISO 8601 (default now)

        The command line reads cron expressions in the dialect standard. Each line has the local time and the instant in UTC. A warning on standard error names the days where a weekday is another
        one in another dialect; names of days (mon to sun) are the same in all. Where the clock changes, a time that is missing is
        due by the offset before the change, and one that is repeated is due once; hours with * or a step go on through it.
        Exit code 0; 1 when no server runs or it has refused the command; 2 when an argument is wrong.
        """;
}
