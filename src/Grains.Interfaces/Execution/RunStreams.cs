namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>Where runs say that their logs have grown: one stream of <see cref="RunGrew"/> for each user.</summary>
public static class RunStreams
{
    /// <summary>The name of the stream provider.</summary>
    public const string Provider = "Runs";

    /// <summary>The namespace of the streams. The key is the user id.</summary>
    public const string Namespace = "runs";

    /// <summary>The grain storage in which Orleans keeps subscriptions.</summary>
    public const string SubscriptionStorage = "PubSubStore";
}
