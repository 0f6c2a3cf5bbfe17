namespace Orleans.Concurrency;

/// <summary>This method of a grain interface does not change the grain and may interleave with other such methods.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;
