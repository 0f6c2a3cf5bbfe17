namespace Orleans.Placement;

/// <summary>A new activation is placed on the silo of its first caller. With one silo this is always so.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class PreferLocalPlacementAttribute : PlacementAttribute;
