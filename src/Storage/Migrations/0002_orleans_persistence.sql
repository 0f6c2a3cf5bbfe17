-- Grain state, in the tables and through the queries that the AdoNet provider of Orleans looks for: it reads the query
-- texts from OrleansQuery by key and passes parameters by name. The embedded runtime does the same, so that a database
-- moves between the two unchanged.

CREATE TABLE OrleansQuery
(
  QueryKey varchar(64) NOT NULL,
  QueryText varchar(8000) NOT NULL,
  CONSTRAINT OrleansQuery_Key PRIMARY KEY (QueryKey)
);

CREATE TABLE OrleansStorage
(
  GrainIdHash integer NOT NULL,
  GrainIdN0 bigint NOT NULL,
  GrainIdN1 bigint NOT NULL,
  GrainTypeHash integer NOT NULL,
  GrainTypeString varchar(512) NOT NULL,
  GrainIdExtensionString varchar(512),
  ServiceId varchar(150) NOT NULL,
  PayloadBinary bytea,
  ModifiedOn timestamp without time zone NOT NULL,
  Version integer NOT NULL
);

-- Orleans' own script has no uniqueness, so two first writers can both insert. The extension of a key is null or a text,
-- and the two are different keys even when the text is empty.
CREATE UNIQUE INDEX UX_OrleansStorage ON OrleansStorage
(
  GrainIdHash,
  GrainTypeHash,
  GrainIdN0,
  GrainIdN1,
  ServiceId,
  GrainTypeString,
  (GrainIdExtensionString IS NULL),
  (coalesce(GrainIdExtensionString, ''))
);

-- Without a version it is a first write and must not meet a row; with one it replaces exactly that version.
-- No row in the answer tells the provider that somebody else was first.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('WriteToStorageKey', $query$
WITH replaced AS
(
  UPDATE OrleansStorage
  SET PayloadBinary = @PayloadBinary::bytea, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
  WHERE GrainIdHash = @GrainIdHash::integer AND GrainTypeHash = @GrainTypeHash::integer
    AND GrainIdN0 = @GrainIdN0::bigint AND GrainIdN1 = @GrainIdN1::bigint
    AND ServiceId = @ServiceId::varchar AND GrainTypeString = @GrainTypeString::varchar
    AND GrainIdExtensionString IS NOT DISTINCT FROM @GrainIdExtensionString::varchar
    AND Version = @GrainStateVersion::integer
  RETURNING Version
),
created AS
(
  INSERT INTO OrleansStorage
    (GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, ModifiedOn, Version)
  SELECT
    @GrainIdHash::integer, @GrainIdN0::bigint, @GrainIdN1::bigint, @GrainTypeHash::integer, @GrainTypeString::varchar,
    @GrainIdExtensionString::varchar, @ServiceId::varchar, @PayloadBinary::bytea, now() AT TIME ZONE 'utc', 1
  WHERE @GrainStateVersion::integer IS NULL
  ON CONFLICT DO NOTHING
  RETURNING Version
)
SELECT Version AS NewGrainStateVersion FROM replaced
UNION ALL
SELECT Version AS NewGrainStateVersion FROM created
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('ReadFromStorageKey', $query$
SELECT PayloadBinary, now() AT TIME ZONE 'utc', Version
FROM OrleansStorage
WHERE GrainIdHash = @GrainIdHash::integer AND GrainTypeHash = @GrainTypeHash::integer
  AND GrainIdN0 = @GrainIdN0::bigint AND GrainIdN1 = @GrainIdN1::bigint
  AND ServiceId = @ServiceId::varchar AND GrainTypeString = @GrainTypeString::varchar
  AND GrainIdExtensionString IS NOT DISTINCT FROM @GrainIdExtensionString::varchar
$query$);

-- A cleared state keeps its row and its version, so that a writer that does not know of the clearing loses.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('ClearStorageKey', $query$
UPDATE OrleansStorage
SET PayloadBinary = NULL, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
WHERE GrainIdHash = @GrainIdHash::integer AND GrainTypeHash = @GrainTypeHash::integer
  AND GrainIdN0 = @GrainIdN0::bigint AND GrainIdN1 = @GrainIdN1::bigint
  AND ServiceId = @ServiceId::varchar AND GrainTypeString = @GrainTypeString::varchar
  AND GrainIdExtensionString IS NOT DISTINCT FROM @GrainIdExtensionString::varchar
  AND Version = @GrainStateVersion::integer
RETURNING Version AS NewGrainStateVersion
$query$);
