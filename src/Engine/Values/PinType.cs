namespace Grainflow.Engine.Values;

/// <summary>
/// The type of a pin: what values are converted to (contract: semantics 2.9) and checked against (2.6 step 7).
/// A closed set of cases; text form as in <c>blocks.tsv</c>: <c>string?</c>, <c>array&lt;integer&gt;</c>, <c>string|integer</c>.
/// </summary>
public abstract record PinType
{
    private PinType()
    {
    }

    /// <summary>Any JSON value, null included. Never converted.</summary>
    public static readonly PinType Any = new AnyType();

    /// <summary>Text.</summary>
    public static readonly PinType String = new StringType(null);

    /// <summary>A whole number; 2.0 passes.</summary>
    public static readonly PinType Integer = new IntegerType();

    /// <summary>A number with a fraction. Whole numbers become 5.0 when converted.</summary>
    public static readonly PinType Number = new NumberType();

    /// <summary>True or false.</summary>
    public static readonly PinType Boolean = new BooleanType();

    /// <summary>A list of anything.</summary>
    public static readonly PinType Array = new ArrayType(Any);

    /// <summary>An object with any members.</summary>
    public static readonly PinType Object = new MapType(Any);

    /// <summary>A list whose elements have a type.</summary>
    /// <param name="element">The type of each element.</param>
    public static PinType ArrayOf(PinType element) => new ArrayType(element);

    /// <summary>An object whose values have a type.</summary>
    /// <param name="value">The type of each value.</param>
    public static PinType MapOf(PinType value) => new MapType(value);

    /// <summary>This type or null.</summary>
    /// <param name="type">The type when the value is not null.</param>
    public static PinType Nullable(PinType type) => type is NullableType or AnyType ? type : new NullableType(type);

    /// <summary>The first of several types that fits, in declared order.</summary>
    /// <param name="members">Two or more types.</param>
    public static PinType Union(params PinType[] members) => new UnionType(members);

    /// <summary>Any JSON value.</summary>
    public sealed record AnyType : PinType;

    /// <summary>Text, with an optional format of the contract (<c>short-text</c>, <c>long-text</c>, <c>file</c>, <c>date</c>, <c>time</c>).</summary>
    /// <param name="Format">The JSON schema format, or null. Formats are shown in forms and not checked.</param>
    public sealed record StringType(string? Format) : PinType;

    /// <summary>A whole number.</summary>
    public sealed record IntegerType : PinType;

    /// <summary>A number.</summary>
    public sealed record NumberType : PinType;

    /// <summary>True or false.</summary>
    public sealed record BooleanType : PinType;

    /// <summary>A list.</summary>
    /// <param name="Element">The type of each element.</param>
    public sealed record ArrayType(PinType Element) : PinType;

    /// <summary>An object.</summary>
    /// <param name="Value">The type of each value.</param>
    public sealed record MapType(PinType Value) : PinType;

    /// <summary>One of a fixed set of texts. Never converted.</summary>
    /// <param name="Values">The texts accepted, in declared order.</param>
    public sealed record EnumType(IReadOnlyList<string> Values) : PinType;

    /// <summary>An object with declared members. Never converted; members that are not declared pass.</summary>
    /// <param name="Members">Name, type and whether it must be there.</param>
    public sealed record ModelType(IReadOnlyList<ModelMember> Members) : PinType;

    /// <summary>A type or null.</summary>
    /// <param name="Inner">The type when the value is not null.</param>
    public sealed record NullableType(PinType Inner) : PinType;

    /// <summary>Several types, tried in order.</summary>
    /// <param name="Members">Two or more types.</param>
    public sealed record UnionType(IReadOnlyList<PinType> Members) : PinType;

    /// <summary>A member of a <see cref="ModelType"/>.</summary>
    /// <param name="Name">The JSON name.</param>
    /// <param name="Type">Its type.</param>
    /// <param name="Required">True when it must be there.</param>
    public sealed record ModelMember(string Name, PinType Type, bool Required);
}
