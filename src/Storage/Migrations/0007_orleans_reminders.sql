-- Reminders, in the table and through the queries that the AdoNet provider of Orleans looks for: it reads the query texts from
-- OrleansQuery by key, passes parameters by name, and reads result columns by name.

CREATE TABLE OrleansRemindersTable
(
  ServiceId varchar(150) NOT NULL,
  GrainId varchar(150) NOT NULL,
  ReminderName varchar(150) NOT NULL,
  StartTime timestamp(3) with time zone NOT NULL,
  Period bigint NOT NULL,
  GrainHash integer NOT NULL,
  Version integer NOT NULL,
  CONSTRAINT OrleansRemindersTable_Key PRIMARY KEY (ServiceId, GrainId, ReminderName)
);

-- Each silo reads the reminders of its range of hashes every few minutes.
CREATE INDEX IX_OrleansRemindersTable_Range ON OrleansRemindersTable (ServiceId, GrainHash);

-- The answer is the version of the row that was written; the provider takes it as the etag.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('UpsertReminderRowKey', $query$
INSERT INTO OrleansRemindersTable AS kept (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
ON CONFLICT (ServiceId, GrainId, ReminderName) DO UPDATE
SET StartTime = excluded.StartTime, Period = excluded.Period, GrainHash = excluded.GrainHash, Version = kept.Version + 1
RETURNING Version
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('ReadReminderRowKey', $query$
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansRemindersTable
WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('ReadReminderRowsKey', $query$
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansRemindersTable
WHERE ServiceId = @ServiceId AND GrainId = @GrainId
$query$);

-- A range of the ring: after its begin, up to and with its end.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('ReadRangeRows1Key', $query$
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansRemindersTable
WHERE ServiceId = @ServiceId AND GrainHash > @BeginHash AND GrainHash <= @EndHash
$query$);

-- A range that passes the greatest hash and goes on from the least.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('ReadRangeRows2Key', $query$
SELECT GrainId, ReminderName, StartTime, Period, Version
FROM OrleansRemindersTable
WHERE ServiceId = @ServiceId AND (GrainHash > @BeginHash OR GrainHash <= @EndHash)
$query$);

-- One row with whether the row of that version was there: another version was registered by somebody else meanwhile.
INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('DeleteReminderRowKey', $query$
WITH deleted AS
(
  DELETE FROM OrleansRemindersTable
  WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName AND Version = @Version
  RETURNING Version
)
SELECT count(*)::integer FROM deleted
$query$);

INSERT INTO OrleansQuery (QueryKey, QueryText)
VALUES ('DeleteReminderRowsKey', $query$
DELETE FROM OrleansRemindersTable WHERE ServiceId = @ServiceId
$query$);
