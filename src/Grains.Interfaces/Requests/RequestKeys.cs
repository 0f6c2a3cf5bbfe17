namespace Grainflow.Grains.Interfaces.Requests;

/// <summary>Keys of requests.</summary>
public static class RequestKeys
{
    /// <summary>The key of the grain of a request.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="key">The client's key; it has no line breaks.</param>
    public static string GrainKey(string userId, string key) => $"{key}\n{userId}";
}
