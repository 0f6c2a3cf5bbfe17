using Grainflow.Storage.Execution;

namespace Grainflow.Storage;

/// <summary>Distinguishes errors in the data of a write from errors of the database.</summary>
public static class StorageFaults
{
    /// <summary>
    /// True when the database, or the driver before it, refused the data of a write: nothing was written, and the same write can never succeed.
    /// False for every other error, after which the write may or may not have taken effect.
    /// </summary>
    /// <param name="error">What a store threw.</param>
    public static bool IsBadData(Exception error) => LogFaults.Classify(error) == LogFault.Data;
}
