namespace Grainflow.Templates;

/// <summary>What one rendering may use. A template that goes beyond a limit fails with <see cref="TemplateException"/>.</summary>
public static class TemplateLimits
{
    /// <summary>Characters of the result, and of any text made on the way to it.</summary>
    public const int MaxText = 10_000_000;

    /// <summary>Elements of a list made by an operator or a filter.</summary>
    public const int MaxElements = 1_000_000;

    /// <summary>Rounds of all loops together.</summary>
    public const int MaxRounds = 1_000_000;

    /// <summary>Levels of nested statements, expressions, macro calls and values.</summary>
    public const int MaxDepth = 300;

    /// <summary>
    /// Units of work. An expression or a comparison costs <see cref="ExpressionCost"/>, each character or element that an operation
    /// reads or makes costs one.
    /// </summary>
    public const long MaxWork = 100_000_000;

    /// <summary>Units of work for one expression or comparison.</summary>
    public const int ExpressionCost = 10;

    /// <summary>Bits of a whole number.</summary>
    public const int MaxIntegerBits = 20_000;

    /// <summary>Digits after the point when a number is formatted.</summary>
    public const int MaxPrecision = 1_000;
}
