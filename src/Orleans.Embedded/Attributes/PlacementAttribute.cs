namespace Orleans.Placement;

/// <summary>Chooses the silo that hosts a new activation. With one silo there is nothing to choose.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public abstract class PlacementAttribute : Attribute
{
    private protected PlacementAttribute()
    {
    }
}
