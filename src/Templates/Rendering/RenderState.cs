namespace Grainflow.Templates.Rendering;

/// <summary>What one rendering has used of its limits, and whether it escapes.</summary>
internal sealed class RenderState(bool autoEscape)
{
    private long _work;
    private int _rounds;
    private int _depth;

    /// <summary>True while printed values are escaped for HTML.</summary>
    public bool AutoEscape { get; set; } = autoEscape;

    public void Charge(long units)
    {
        _work += units;
        if (_work > TemplateLimits.MaxWork) throw Failures.Limit("work");
    }

    public void Enter()
    {
        if (++_depth > TemplateLimits.MaxDepth) throw Failures.Limit($"{TemplateLimits.MaxDepth} levels");
    }

    public void Leave() => _depth--;

    public void NextRound()
    {
        if (++_rounds > TemplateLimits.MaxRounds) throw Failures.Limit($"{TemplateLimits.MaxRounds} loop rounds");
    }

    /// <summary>Refuses a text before it is made.</summary>
    public static void CheckText(long length)
    {
        if (length > TemplateLimits.MaxText) throw Failures.Limit($"{TemplateLimits.MaxText} characters");
    }

    /// <summary>Refuses a list before it is made.</summary>
    public static void CheckElements(long count)
    {
        if (count > TemplateLimits.MaxElements) throw Failures.Limit($"{TemplateLimits.MaxElements} elements");
    }
}
