using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Json;
using Grainflow.Grains.Interfaces;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Requests;

/// <summary>A request whose caller is known and whose body is read. Parameters that are wrong are collected until <see cref="Require"/>.</summary>
internal sealed class ApiRequest(HttpContext context, Caller? caller, JsonElement? body)
{
    private readonly List<ValidationProblem> _problems = [];
    private RequestIdentity? _identity;

    /// <summary>Cancelled when the client has gone.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>Who asks; there is one on every route that is not public.</summary>
    public Caller Caller => caller ?? throw new InvalidOperationException("A public route has no caller.");

    /// <summary>The body; null when none was sent.</summary>
    public JsonElement? Body => body;

    /// <summary>Which request this is, for one that creates something.</summary>
    public RequestIdentity Identity => _identity ??= new RequestIdentity(Guid.NewGuid(), Repeated: false);

    /// <summary>The same request under another identity.</summary>
    public ApiRequest As(RequestIdentity identity) => new(context, caller, body) { _identity = identity };

    /// <summary>A part of the path.</summary>
    public string Path(string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>An id in the path; null when it is none, which is then as good as unknown.</summary>
    public Guid? PathId(string name) => ToId(Path(name));

    /// <summary>A whole number in the path.</summary>
    public int PathNumber(string name) => Number("path", name, Path(name), int.MinValue, int.MaxValue);

    /// <summary>A text of the query, or null. What the database cannot hold is dropped.</summary>
    public string? QueryText(string name) => context.Request.Query.TryGetValue(name, out var values) ? values[^1]?.Replace("\0", "", StringComparison.Ordinal) : null;

    /// <summary>An id of the query that must be there; null when it is none.</summary>
    public Guid? RequiredQueryId(string name)
    {
        if (QueryText(name) is { } text) return ToId(text);
        _problems.Add(new ValidationProblem("missing", ["query", name], "Field required", GatewayJson.Null));
        return null;
    }

    /// <summary>A whole number of the query.</summary>
    public int? QueryNumber(string name, int? fallback, int least = int.MinValue, int most = int.MaxValue) =>
        QueryText(name) is { } text ? Number("query", name, text, least, most) : fallback;

    /// <summary>A flag of the query; false when it is not there.</summary>
    public bool QueryFlag(string name)
    {
        if (QueryText(name) is not { } text) return false;
        if (text.ToLowerInvariant() is "true" or "1" or "yes" or "on" or "t" or "y") return true;
        if (text.ToLowerInvariant() is not ("false" or "0" or "no" or "off" or "f" or "n"))
            Add("bool_parsing", "query", name, "Input should be a valid boolean, unable to interpret input", text);
        return false;
    }

    /// <summary>Ends the reading of parameters and body.</summary>
    /// <exception cref="ApiException">One of them is wrong.</exception>
    public void Require()
    {
        if (_problems.Count > 0) throw ApiException.Invalid(_problems);
    }

    /// <summary>A value of the body on its way to a grain.</summary>
    public static JsonPayload Payload(JsonElement value) => JsonPayload.Take(JsonMarshal.GetRawUtf8Value(value).ToArray());

    private static Guid? ToId(string text) => Guid.TryParseExact(text, "D", out var id) ? id : null;

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
