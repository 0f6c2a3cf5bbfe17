using Orleans.Placement;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>Sends a message from the silo that it lives on to a grain on another silo, and back.</summary>
[Alias("tests.IRelayGrain")]
public interface IRelayGrain : IGrainWithStringKey
{
    /// <summary>The silo that this grain lives on.</summary>
    [Alias("Where")]
    Task<string> Where();

    /// <summary>Has a grain on another silo answer the message.</summary>
    [Alias("SendOn")]
    Task<object> SendOn(string grain, object message);

    /// <summary>Answers the message itself.</summary>
    [Alias("Answer")]
    Task<object> Answer(object message);
}

/// <inheritdoc cref="IRelayGrain"/>
[RandomPlacement]
public sealed class RelayGrain(ILocalSiloDetails silo) : Grain, IRelayGrain
{
    /// <inheritdoc/>
    public Task<string> Where() => Task.FromResult(silo.SiloAddress.ToParsableString());

    /// <inheritdoc/>
    public Task<object> SendOn(string grain, object message) => GrainFactory.GetGrain<IRelayGrain>(grain).Answer(message);

    /// <inheritdoc/>
    public Task<object> Answer(object message) => Task.FromResult(message);
}
