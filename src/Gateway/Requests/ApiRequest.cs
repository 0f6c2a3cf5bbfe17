using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Files;
using Grainflow.Gateway.Json;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Requests;

/// <summary>A request whose caller is authenticated and whose body is parsed. Problems of its parameters are collected until <see cref="Require"/>.</summary>
internal sealed class ApiRequest(HttpContext context, Caller? caller, JsonElement? body)
{
    /// <summary>The header by which a client says which versions of AutoGPT it was made for.</summary>
    public const string ShapeHeader = "AutoGPT-Shape";

    /// <summary>The value of the header for the bodies of the contract, which are sent without the header too.</summary>
    public const string ContractShape = "0.6.44";

    /// <summary>The value of the header for the bodies of newer versions.</summary>
    public const string NewerShape = "0.7";

    private readonly List<ValidationProblem> _problems = [];
    private RequestIdentity? _identity;

    /// <summary>Cancelled when the client closes the connection.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>The authenticated caller, on every route that is not public.</summary>
    public Caller Caller => caller ?? throw new InvalidOperationException("A public route has no caller.");

    /// <summary>The body; null when none was sent.</summary>
    public JsonElement? Body => body;

    /// <summary>The file of the form, on every route that takes one.</summary>
    public UploadedFile? File { get; init; }

    /// <summary>The identity of a request that creates something.</summary>
    public RequestIdentity Identity => _identity ??= new RequestIdentity(Guid.NewGuid(), Repeated: false);

    /// <summary>True when the request may have been handled before (<see cref="RequestIdentity.Repeated"/>).</summary>
    public bool IsRepeated => _identity is { Repeated: true };

    /// <summary>The id of a run that the request starts; that of its identity when it has one.</summary>
    /// <param name="ids">Chooses the id of a request without an idempotency key.</param>
    public Guid RunId(IRunIds ids) => (_identity ??= new RequestIdentity(ids.NewRunId(), Repeated: false)).ResourceId;

    /// <summary>True when the client was made for versions from 0.7 on, whose answers cannot be told in the same body as those of the contract (decision 34).</summary>
    /// <exception cref="ApiException">400 when it asks for a shape that does not exist.</exception>
    public bool IsNewerShape => context.Request.Headers[ShapeHeader].ToString() switch
    {
        "" or ContractShape => false,
        NewerShape => true,
        var other => throw ApiException.Error(400, $"{ShapeHeader}: '{(other.Length > 20 ? other[..20] : other)}' is not a shape of answers; send {ContractShape} or {NewerShape}, or leave the header out for {ContractShape}.").BeforeAnyChange(),
    };

    /// <summary>The same request with another identity.</summary>
    public ApiRequest WithIdentity(RequestIdentity identity) => new(context, caller, body) { _identity = identity, File = File };

    /// <summary>A parameter of the path.</summary>
    public string Path(string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>An id in the path; null when the text is not a UUID, which callers treat like an unknown id.</summary>
    public Guid? PathId(string name) => ToId(Path(name));

    /// <summary>An id in the path that has to be a lower-case UUID; an empty one until <see cref="Require"/> refuses the request.</summary>
    public Guid PathUuid(string name)
    {
        const string Pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
        var text = Path(name);
        if (ToId(text) is { } id && id.ToString() == text) return id;
        _problems.Add(new ValidationProblem(
            "string_pattern_mismatch", ["path", name], $"String should match pattern '{Pattern}'", JsonSerializer.SerializeToElement(text), new Dictionary<string, object>(StringComparer.Ordinal) { ["pattern"] = Pattern }));
        return Guid.Empty;
    }

    /// <summary>Scheme and host by which the client reaches this gateway.</summary>
    public string Origin => $"{context.Request.Scheme}://{context.Request.Host}";

    /// <summary>A whole number in the path.</summary>
    public int PathNumber(string name) => Number("path", name, Path(name), int.MinValue, int.MaxValue);

    /// <summary>A text of the query, or null. NUL characters are removed, because the database cannot store them.</summary>
    public string? QueryText(string name) => context.Request.Query.TryGetValue(name, out var values) ? values[^1]?.Replace("\0", "", StringComparison.Ordinal) : null;

    /// <summary>All texts of the query under a name, in their order; null when it is absent.</summary>
    public IReadOnlyList<string>? QueryTexts(string name) =>
        context.Request.Query.TryGetValue(name, out var values) ? [.. values.Select(value => value!.Replace("\0", "", StringComparison.Ordinal))] : null;

    /// <summary>Texts of the query that are each one of a few; null when there is none under the name.</summary>
    public IReadOnlyList<string>? QueryChoices(string name, IReadOnlyList<string> choices)
    {
        var texts = QueryTexts(name);
        foreach (var (text, index) in (texts ?? []).Select((text, index) => (text, index)).Where(item => !choices.Contains(item.text, StringComparer.Ordinal)).Take(1))
            NotOneOf(["query", name, index], text, choices);
        return texts;
    }

    /// <summary>A text of the query that is one of a few; null when it is absent.</summary>
    public string? QueryChoice(string name, IReadOnlyList<string> choices)
    {
        if (QueryText(name) is not { } text) return null;
        if (!choices.Contains(text, StringComparer.Ordinal)) NotOneOf(["query", name], text, choices);
        return text;
    }

    /// <summary>All texts of the query under a name that must be there; empty until <see cref="Require"/> refuses the request that has none.</summary>
    public IReadOnlyList<string> RequiredQueryTexts(string name)
    {
        if (QueryTexts(name) is { } texts) return texts;
        Missing(name);
        return [];
    }

    /// <summary>A text of the query, or null; refused when it is longer than some characters.</summary>
    public string? QueryText(string name, int most)
    {
        var text = QueryText(name);
        if (text?.Length > most) Add("string_too_long", "query", name, $"String should have at most {most} characters", text[..100], "max_length", most);
        return text;
    }

    /// <summary>A required text of the query; empty until <see cref="Require"/> refuses the request that has none.</summary>
    public string RequiredQueryText(string name)
    {
        if (QueryText(name) is { } text) return text;
        Missing(name);
        return "";
    }

    /// <summary>A required id of the query; null when the text is not a UUID.</summary>
    public Guid? RequiredQueryId(string name)
    {
        if (QueryText(name) is { } text) return ToId(text);
        Missing(name);
        return null;
    }

    /// <summary>A whole number of the query.</summary>
    public int? QueryNumber(string name, int? fallback, int least = int.MinValue, int most = int.MaxValue) =>
        QueryText(name) is { } text ? Number("query", name, text, least, most) : fallback;

    /// <summary>A flag of the query; false when it is absent.</summary>
    public bool QueryFlag(string name)
    {
        if (QueryText(name) is not { } text) return false;
        if (text.ToLowerInvariant() is "true" or "1" or "yes" or "on" or "t" or "y") return true;
        if (text.ToLowerInvariant() is not ("false" or "0" or "no" or "off" or "f" or "n"))
            Add("bool_parsing", "query", name, "Input should be a valid boolean, unable to interpret input", text);
        return false;
    }

    /// <summary>A JSON object of the query; an empty one when it is absent.</summary>
    public JsonPayload QueryObject(string name)
    {
        if (QueryText(name) is not { Length: > 0 } text) return JsonPayload.EmptyObject;
        if (JsonValues.TryParse(text, out var value) && value.ValueKind == JsonValueKind.Object) return JsonPayload.Wrap(JsonValues.CompactUtf8(value));
        Add("dict_type", "query", name, "Input should be a valid JSON object", text);
        return JsonPayload.EmptyObject;
    }

    /// <summary>Refuses the request when parameters that were read so far have problems.</summary>
    /// <exception cref="ApiException">422 with all problems.</exception>
    public void Require()
    {
        if (_problems.Count > 0) throw ApiException.Invalid(_problems);
    }

    /// <summary>The body, which the route has checked, as the record that describes it.</summary>
    public T BodyAs<T>() => Body!.Value.Deserialize<T>(GatewayJson.Options)!;

    /// <summary>A value of the body as payload of a grain message.</summary>
    public static JsonPayload Payload(JsonElement value) => JsonPayload.Wrap(JsonMarshal.GetRawUtf8Value(value).ToArray());

    private void NotOneOf(IReadOnlyList<object> place, string text, IReadOnlyList<string> choices)
    {
        var expected = string.Join(", ", choices.Take(choices.Count - 1).Select(choice => $"'{choice}'")) + $" or '{choices[^1]}'";
        _problems.Add(new ValidationProblem(
            "literal_error", place, "Input should be " + expected, JsonSerializer.SerializeToElement(text), new Dictionary<string, object>(StringComparer.Ordinal) { ["expected"] = expected }));
    }

    private void Missing(string name) => _problems.Add(new ValidationProblem("missing", ["query", name], "Field required", GatewayJson.Null));

    /// <summary>The id that a text is; null for a text that is no UUID.</summary>
    public static Guid? ToId(string text) => Guid.TryParseExact(text, "D", out var id) ? id : null;

    private int Number(string where, string name, string text, int least, int most)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number))
            Add("int_parsing", where, name, "Input should be a valid integer, unable to parse string as an integer", text);
        else if (number < least)
            Add("greater_than_equal", where, name, $"Input should be greater than or equal to {least}", text, "ge", least);
        else if (number > most)
            Add("less_than_equal", where, name, $"Input should be less than or equal to {most}", text, "le", most);
        return number;
    }

    private void Add(string type, string where, string name, string message, string input, string? bound = null, int limit = 0) =>
        _problems.Add(new ValidationProblem(
            type, [where, name], message, JsonSerializer.SerializeToElement(input),
            bound is null ? null : new Dictionary<string, object>(StringComparer.Ordinal) { [bound] = limit }));
}

/// <summary>The identity of a request that creates something.</summary>
/// <param name="ResourceId">The id of what it creates; the same when the client repeats the request with its idempotency key.</param>
/// <param name="Repeated">True when the request may have been handled before, so that what it creates may exist.</param>
internal sealed record RequestIdentity(Guid ResourceId, bool Repeated);
