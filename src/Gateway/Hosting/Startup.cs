namespace Grainflow.Gateway.Hosting;

/// <summary>Whether the start of the server is over: migrated, silo and ports open, interrupted runs taken up.</summary>
public sealed class Startup
{
    private volatile bool _isComplete;

    /// <summary>True from the end of the start on.</summary>
    public bool IsComplete => _isComplete;

    /// <summary>Says that the start is over. The host does, because it knows its last step.</summary>
    public void Complete() => _isComplete = true;
}
