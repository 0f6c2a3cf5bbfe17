namespace Orleans.Concurrency;

/// <summary>This method of a grain interface may start while any other request of the activation is waiting.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
