namespace Orleans.Runtime;

/// <summary>How calls leave: from a silo to itself, or from a client to the silo.</summary>
internal interface ICallSender
{
    /// <summary>How long a caller waits by default.</summary>
    TimeSpan ResponseTimeout { get; }

    /// <summary>Whether a timeout also cancels the token of the grain method.</summary>
    bool CancelRequestOnTimeout { get; }

    /// <summary>The clock of response timeouts.</summary>
    TimeProvider Clock { get; }

    /// <summary>Delivers a request to the activation of a grain, which is made if there is none.</summary>
    void Send(GrainId grainId, Request request);
}
