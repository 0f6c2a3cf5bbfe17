namespace Grainflow.Grains.Tests.Support;

/// <summary>One start of a block.</summary>
internal sealed record BlockCall(Guid RunId, string NodeId, Guid NodeExecutionId);
