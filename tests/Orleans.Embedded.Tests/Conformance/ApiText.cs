using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Embedded.Tests.Conformance;

/// <summary>Writes types and members as the shared table of the public surface of Orleans does.</summary>
internal sealed class ApiText
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
    };

    private static readonly Dictionary<string, string> s_operators = new(StringComparer.Ordinal)
    {
        ["op_Equality"] = "==",
        ["op_Inequality"] = "!=",
    };

    private readonly NullabilityInfoContext _nullability = new();

    public static string TypeName(Type type) => type.IsGenericTypeDefinition
        ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(static parameter => Variance(parameter) + parameter.Name))}>"
        : Name(type, null);

    public static string Declaration(Type type)
    {
        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        return $"{kind} {TypeName(type)}";
    }

    /// <summary>The base class, unless it is one that is not written, and the interfaces.</summary>
    public static IEnumerable<string> Bases(Type type)
    {
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object)) yield return TypeName(parent);
        if (type.IsEnum) yield break;
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        foreach (var implemented in type.GetInterfaces().Except(inherited)) yield return TypeName(implemented);
    }

    public static string? Usage(Type type)
    {
        var usage = type.GetCustomAttributesData().FirstOrDefault(static data => data.AttributeType == typeof(AttributeUsageAttribute));
        if (usage is null) return null;
        var value = (AttributeTargets)(int)usage.ConstructorArguments[0].Value!;
        var targets = Enum.GetValues<AttributeTargets>().Where(target => target != AttributeTargets.All && value.HasFlag(target)).Select(static target => $"System.AttributeTargets.{target}");
        var named = usage.NamedArguments.Select(static argument => $",{argument.MemberName}={((bool)argument.TypedValue.Value! ? "true" : "false")}");
        return string.Join(" | ", targets) + string.Concat(named);
    }

    /// <summary>The kind and the text of a member; null for one that is not visible outside of the assembly.</summary>
    public (string Kind, string Text)? Member(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when Access(constructor) is { } access => ("ctor", $"{access} {Bare(constructor.DeclaringType!)}({Parameters(constructor)})"),
        PropertyInfo property when Access(property.GetMethod ?? property.SetMethod!) is { } access => ("property", Property(property, access)),
        MethodInfo { IsSpecialName: true } method when Access(method) is { } access && s_operators.TryGetValue(method.Name, out var symbol) =>
            ("operator", $"{access} static {Returns(method)} operator {symbol}({Parameters(method)})"),
        MethodInfo { IsSpecialName: false } method when Access(method) is { } access => Method(method, access),
        FieldInfo { DeclaringType.IsEnum: true, IsLiteral: true } value => ("enum-value", $"{value.Name} = {Convert.ToInt64(value.GetRawConstantValue(), CultureInfo.InvariantCulture)}"),
        FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily => ("field", Field(field)),
        _ => null,
    };

    private static string Variance(Type parameter) => (parameter.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
    {
        GenericParameterAttributes.Contravariant => "in ",
        GenericParameterAttributes.Covariant => "out ",
        _ => "",
    };

    private static string? Access(MethodBase method) => method switch
    {
        { DeclaringType.IsInterface: true, IsPublic: true } => "",
        { IsPublic: true } => "public",
        { IsFamily: true } => "protected",
        { IsFamilyOrAssembly: true } => "protected internal",
        _ => null,
    };

    private static string Modifiers(MethodInfo method) => method switch
    {
        { DeclaringType.IsInterface: true } => "",
        { IsStatic: true } => "static",
        { IsAbstract: true } => "abstract",
        { IsVirtual: true } when method.GetBaseDefinition() != method => method.IsFinal ? "override sealed" : "override",
        { IsVirtual: true, IsFinal: false } => "virtual",
        _ => "",
    };

    private static string Join(params string[] words) => string.Join(' ', words.Where(static word => word.Length > 0));

    private static string Bare(Type type) => type.Name.Split('`')[0];

    private static string Literal(object? value, Type type) => value switch
    {
        null when type.IsValueType => $"default({TypeName(type)})",
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        var mark = nullability?.ReadState == NullabilityState.Nullable && !type.IsValueType && !type.IsGenericParameter ? "?" : "";
        if (type.IsByRef) return Name(type.GetElementType()!, nullability);
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying, null) + "?";
        if (s_keywords.TryGetValue(type, out var keyword)) return keyword + mark;
        if (type.IsArray) return Name(type.GetElementType()!, nullability?.ElementType) + "[]" + mark;
        if (!type.IsGenericType) return type.Name + mark;
        var arguments = type.GetGenericArguments().Select((argument, index) => Name(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(index)));
        return $"{Bare(type)}<{string.Join(", ", arguments)}>{mark}";
    }

    private static string Constraints(MethodInfo method) => string.Concat(method.GetGenericArguments().Select(static argument =>
    {
        var constraints = argument.GetGenericParameterConstraints().Select(TypeName).ToList();
        if (argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) constraints.Insert(0, "class");
        return constraints.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", constraints)}";
    }));

    private string Returns(MethodInfo method) => Name(method.ReturnType, _nullability.Create(method.ReturnParameter));

    private (string Kind, string Text) Method(MethodInfo method, string access)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(static argument => argument.Name))}>" : "";
        var text = Join(access, Modifiers(method), Returns(method), $"{method.Name}{generic}({Parameters(method)})") + Constraints(method);
        return (method.IsDefined(typeof(ExtensionAttribute)) ? "extension" : "method", text);
    }

    private string Property(PropertyInfo property, string access)
    {
        var accessor = property.GetMethod ?? property.SetMethod!;
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required" : "";
        var set = property.SetMethod is { } setter && Access(setter) is not null
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        return Join(access, required, Modifiers(accessor), Name(property.PropertyType, _nullability.Create(property)), property.Name, $"{{ get;{set} }}");
    }

    private string Field(FieldInfo field)
    {
        var access = field.IsPublic ? "public" : "protected";
        var type = Name(field.FieldType, _nullability.Create(field));
        if (field.IsLiteral) return Join(access, "const", type, field.Name, "=", Literal(field.GetRawConstantValue(), field.FieldType));
        return Join(access, field.IsStatic ? "static" : "", field.IsInitOnly ? "readonly" : "", type, field.Name);
    }

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select((parameter, index) => Join(
        index == 0 && method.IsDefined(typeof(ExtensionAttribute)) ? "this" : "",
        parameter.IsOut ? "out" : "",
        Name(parameter.ParameterType, _nullability.Create(parameter)),
        parameter.Name!,
        parameter.HasDefaultValue ? $"= {Literal(parameter.RawDefaultValue, parameter.ParameterType)}" : "")));
}
