using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>What came of a review.</summary>
/// <param name="Status">Whether there is a decision, and which.</param>
/// <param name="Data">The payload to go on with, perhaps edited; only when approved.</param>
/// <param name="Message">What the reviewer wrote, or null.</param>
public sealed record ReviewDecision(ReviewStatus Status, JsonElement? Data, string? Message);
