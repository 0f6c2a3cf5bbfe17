namespace Orleans.Runtime;

/// <summary>Something that an activation runs: a call or the tick of a timer.</summary>
internal abstract class Request
{
    /// <summary>May start while any other request is waiting.</summary>
    public bool AlwaysInterleave { get; protected init; }

    /// <summary>May start while other such requests are waiting.</summary>
    public bool ReadOnly { get; protected init; }

    /// <summary>Counts as use of the activation.</summary>
    public bool KeepAlive { get; protected init; } = true;

    /// <summary>Belongs to this activation only and is dropped with it.</summary>
    public bool LocalOnly { get; protected init; }

    /// <summary>How often an ended activation has passed this request on.</summary>
    public int Forwarded { get; set; }

    /// <summary>Nobody waits for it any more: it is not started.</summary>
    public abstract bool Abandoned { get; }

    /// <summary>Runs to the end and reports to whoever waits; never fails itself.</summary>
    public abstract Task InvokeAsync(Activation activation);

    /// <summary>Reports a failure to whoever waits.</summary>
    public abstract void Fail(Exception exception);
}
