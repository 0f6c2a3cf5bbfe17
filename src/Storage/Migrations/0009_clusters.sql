-- Membership of clusters, in the tables and through the queries that the AdoNet provider of Orleans looks for: it reads the query texts from
-- OrleansQuery by key, passes parameters by name, and reads result columns by name.

-- The version of the table of a cluster. Each change of a silo's row is conditional on it, so that two silos never change the membership at once.
CREATE TABLE OrleansMembershipVersionTable
(
  DeploymentId varchar(150) NOT NULL,
  Timestamp timestamp(3) with time zone NOT NULL DEFAULT now(),
  Version integer NOT NULL DEFAULT 0,
  CONSTRAINT OrleansMembershipVersionTable_Key PRIMARY KEY (DeploymentId)
);

CREATE TABLE OrleansMembershipTable
(
  DeploymentId varchar(150) NOT NULL REFERENCES OrleansMembershipVersionTable (DeploymentId),
  Address varchar(45) NOT NULL,
  Port integer NOT NULL,
  Generation integer NOT NULL,
  SiloName varchar(150) NOT NULL,
  HostName varchar(150) NOT NULL,
  Status integer NOT NULL,
  ProxyPort integer NOT NULL,
  SuspectTimes varchar(8000),
  StartTime timestamp(3) with time zone NOT NULL,
  IAmAliveTime timestamp(3) with time zone NOT NULL,
  CONSTRAINT OrleansMembershipTable_Key PRIMARY KEY (DeploymentId, Address, Port, Generation)
);

-- The answer of the three queries that change the membership is a number: 0 when another silo was first.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('InsertMembershipVersionKey', $query$
WITH inserted AS
(
  INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId) ON CONFLICT (DeploymentId) DO NOTHING
  RETURNING 1
)
SELECT count(*)::integer FROM inserted
$query$);

-- The row of the version is locked first, so that no other silo inserts between the look for the row and its insertion.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('InsertMembershipKey', $query$
WITH version AS
(
  UPDATE OrleansMembershipVersionTable
  SET Timestamp = now(), Version = Version + 1
  WHERE DeploymentId = @DeploymentId AND Version = @Version
    AND NOT EXISTS
    (
      SELECT FROM OrleansMembershipTable
      WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
    )
  RETURNING DeploymentId
),
inserted AS
(
  INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
  SELECT version.DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM version
  RETURNING 1
)
SELECT count(*)::integer FROM inserted
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('UpdateMembershipKey', $query$
WITH version AS
(
  UPDATE OrleansMembershipVersionTable
  SET Timestamp = now(), Version = Version + 1
  WHERE DeploymentId = @DeploymentId AND Version = @Version
    AND EXISTS
    (
      SELECT FROM OrleansMembershipTable
      WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
    )
  RETURNING DeploymentId
),
updated AS
(
  UPDATE OrleansMembershipTable AS silo
  SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
  FROM version
  WHERE silo.DeploymentId = version.DeploymentId AND silo.Address = @Address AND silo.Port = @Port AND silo.Generation = @Generation
  RETURNING 1
)
SELECT count(*)::integer FROM updated
$query$);

-- The time of a silo's last sign of life is not part of the versioned membership.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('UpdateIAmAlivetimeKey', $query$
UPDATE OrleansMembershipTable
SET IAmAliveTime = @IAmAliveTime
WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
$query$);

-- The version is answered also where no silo has a row.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('MembershipReadRowKey', $query$
SELECT version.DeploymentId, silo.Address, silo.Port, silo.Generation, silo.SiloName, silo.HostName, silo.Status, silo.ProxyPort,
  silo.SuspectTimes, silo.StartTime, silo.IAmAliveTime, version.Version
FROM OrleansMembershipVersionTable AS version
LEFT JOIN OrleansMembershipTable AS silo
  ON silo.DeploymentId = version.DeploymentId AND silo.Address = @Address AND silo.Port = @Port AND silo.Generation = @Generation
WHERE version.DeploymentId = @DeploymentId
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('MembershipReadAllKey', $query$
SELECT version.DeploymentId, silo.Address, silo.Port, silo.Generation, silo.SiloName, silo.HostName, silo.Status, silo.ProxyPort,
  silo.SuspectTimes, silo.StartTime, silo.IAmAliveTime, version.Version
FROM OrleansMembershipVersionTable AS version
LEFT JOIN OrleansMembershipTable AS silo ON silo.DeploymentId = version.DeploymentId
WHERE version.DeploymentId = @DeploymentId
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('GatewaysQueryKey', $query$
SELECT Address, ProxyPort, Generation
FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0
$query$);

-- 3 is Active: a silo that others still count on is never removed.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('DeleteMembershipTableEntriesKey', $query$
WITH silos AS (DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId)
DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId
$query$);

-- The processes that serve REST and WebSocket for a cluster, which the command line asks. A row whose process died is not renewed any more.
CREATE TABLE gateways
(
  id uuid PRIMARY KEY,
  cluster text NOT NULL,
  url text NOT NULL,
  -- An address on loopback leads to the process from its own machine only.
  machine text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);

CREATE INDEX gateways_of_cluster ON gateways (cluster, seen_at DESC);
