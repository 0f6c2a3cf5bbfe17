using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Integrations;
using Grainflow.Grains.Credentials;

namespace Grainflow.Grains.Execution;

/// <summary>The services that blocks get. A scenario replaces them with scripted ones.</summary>
public sealed record BlockServices
{
    /// <summary>The source of the current time for blocks.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The client for all outgoing HTTP requests of blocks.</summary>
    public required IOutgoingHttp Http { get; init; }

    /// <summary>Opens all connections of blocks that are not HTTP.</summary>
    public required IOutgoingStreams Streams { get; init; }

    /// <summary>Where the APIs of integrations are.</summary>
    public IntegrationOptions Integrations { get; init; } = new();

    /// <summary>Language models.</summary>
    public required IChatModels Models { get; init; }

    /// <summary>Returns the files of the run with this id, which belong to this user.</summary>
    public required Func<Guid, string, IRunFiles> Files { get; init; }

    /// <summary>Gives blocks the secrets that their nodes name.</summary>
    public required ICredentialLeases Credentials { get; init; }

    /// <summary>Returns the values that the agents of the user with this id keep.</summary>
    public required Func<string, IKeyValues> KeyValues { get; init; }

    /// <summary>Returns the agents of the user with this id.</summary>
    public required Func<string, IAgentLibrary> Library { get; init; }

    /// <summary>The marketplace of agents; null where there is none.</summary>
    public IAgentStore? Store { get; init; }
}
