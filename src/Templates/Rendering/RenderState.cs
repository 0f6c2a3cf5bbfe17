namespace Grainflow.Templates.Rendering;

/// <summary>Counts what one rendering uses of its limits, and holds whether printed values are escaped.</summary>
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
        if (_work > TemplateLimits.MaxWork) throw TemplateErrors.Limit("work");
    }

    public void Enter()
    {
        if (++_depth > TemplateLimits.MaxDepth) throw TemplateErrors.Limit($"{TemplateLimits.MaxDepth} levels");
    }

    public void Leave() => _depth--;

    public void NextRound()
    {
        if (++_rounds > TemplateLimits.MaxRounds) throw TemplateErrors.Limit($"{TemplateLimits.MaxRounds} loop rounds");
    }

    /// <summary>Fails when a text of that length is beyond the limit; called before the text is made.</summary>
    public static void CheckText(long length)
    {
        if (length > TemplateLimits.MaxText) throw TemplateErrors.Limit($"{TemplateLimits.MaxText} characters");
    }

    /// <summary>Fails when a list of that many elements is beyond the limit; called before the list is made.</summary>
    public static void CheckElements(long count)
    {
        if (count > TemplateLimits.MaxElements) throw TemplateErrors.Limit($"{TemplateLimits.MaxElements} elements");
    }
}
