using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;

namespace Grainflow.Grains.Execution;

/// <summary>What blocks use of the world. A scenario puts scripted ones in their place.</summary>
public sealed record BlockServices
{
    /// <summary>The clock that blocks read.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The way out.</summary>
    public required IOutgoingHttp Http { get; init; }

    /// <summary>Language models.</summary>
    public required IChatModels Models { get; init; }

    /// <summary>The files of a run, by its id.</summary>
    public required Func<Guid, IRunFiles> Files { get; init; }

    /// <summary>Secrets.</summary>
    public required INodeCredentials Credentials { get; init; }
}
