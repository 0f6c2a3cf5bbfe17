namespace Orleans.Runtime;

/// <summary>Something that must be ready before the silo takes calls.</summary>
internal interface ISiloParticipant
{
    /// <summary>Gets ready; a failure stops the start of the silo.</summary>
    Task StartAsync(CancellationToken cancellationToken);
}
