namespace Grainflow.Grains.Tests.Support;

/// <summary>One start of a block.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="NodeId">Its node.</param>
/// <param name="NodeExecutionId">The execution of that node.</param>
/// <param name="Context">The trace context that it was given, or null.</param>
internal sealed record BlockCall(Guid RunId, string NodeId, Guid NodeExecutionId, string? Context);
