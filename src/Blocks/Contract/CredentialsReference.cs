namespace Grainflow.Blocks.Contract;

/// <summary>What a credentials pin holds: which credential to use, never its secret (contract: semantics 4.1).</summary>
/// <param name="Id">The credential's id.</param>
/// <param name="Provider">For example <c>openai</c>.</param>
/// <param name="Type">For example <c>api_key</c>.</param>
/// <param name="Title">The label the user gave it, or null.</param>
public sealed record CredentialsReference(string Id, string Provider, string Type, string? Title = null);
