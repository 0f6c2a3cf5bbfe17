using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Running;

/// <summary>
/// A credential of the command line: <c>--credential PROVIDER=FILE</c>. The file has an API key as text, or the JSON of a credential as the API takes it. It is stored as a credential of
/// the user, one for each provider, because a run that was interrupted needs it again.
/// </summary>
internal sealed class GivenCredential
{
    private const string Title = "./run --credential";

    /// <summary>What stands in the place of secrets in a run whose services are scripted.</summary>
    public const string ScriptedSecret = "scenario";

    /// <summary>What each type needs, and what it may have besides.</summary>
    private static readonly FrozenDictionary<string, (string[] Needed, string[] Allowed)> Members = new Dictionary<string, (string[], string[])>(StringComparer.Ordinal)
    {
        [CredentialTypes.ApiKey] = (["api_key"], ["expires_at", "metadata"]),
        [CredentialTypes.UserPassword] = (["username", "password"], []),
        [CredentialTypes.OAuth2] = (["access_token"], ["scopes", "username", "refresh_token", "access_token_expires_at", "refresh_token_expires_at"]),
        [CredentialTypes.HostScoped] = (["host", "headers"], []),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly JsonElement _secrets;

    private GivenCredential(string provider, string type, JsonElement secrets) => (Provider, Type, _secrets) = (provider, type, secrets);

    /// <summary>The provider.</summary>
    public string Provider { get; }

    /// <summary>A type of <see cref="CredentialTypes"/>.</summary>
    public string Type { get; }

    /// <summary>The id, the same for all credentials of a provider that a user gives on the command line.</summary>
    public string Id => DerivedIds.Of(Encoding.UTF8.GetBytes($"command line credential {Provider}")).ToString();

    /// <summary>What a credentials pin gets.</summary>
    public JsonElement Reference => JsonValues.Object(
        KeyValuePair.Create("id", JsonValues.From(Id)),
        KeyValuePair.Create("provider", JsonValues.From(Provider)),
        KeyValuePair.Create("type", JsonValues.From(Type)),
        KeyValuePair.Create("title", JsonValues.From(Title)));

    /// <summary>A credential with secrets that open nothing, for a run whose services are scripted.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="type">A type of <see cref="CredentialTypes"/>, not <see cref="CredentialTypes.HostScoped"/>.</param>
    /// <param name="scopes">The scopes that it needs; only for <see cref="CredentialTypes.OAuth2"/>.</param>
    public static GivenCredential Scripted(string provider, string type, IEnumerable<string> scopes) => new(provider, type, type switch
    {
        CredentialTypes.ApiKey => JsonValues.Object(KeyValuePair.Create("api_key", JsonValues.From(ScriptedSecret))),
        CredentialTypes.UserPassword => JsonValues.Object(KeyValuePair.Create("username", JsonValues.From(ScriptedSecret)), KeyValuePair.Create("password", JsonValues.From(ScriptedSecret))),
        CredentialTypes.OAuth2 => JsonValues.Object(
            KeyValuePair.Create("access_token", JsonValues.From(ScriptedSecret)), KeyValuePair.Create("scopes", JsonValues.Array(scopes.Distinct(StringComparer.Ordinal).Select(JsonValues.From)))),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no scripted credential of this type."),
    });

    /// <summary>Reads the files of the options.</summary>
    /// <param name="options">Each <c>PROVIDER=FILE</c>.</param>
    /// <exception cref="CliException">A file cannot be read or is not a credential, or a provider is given twice. The text never has a part of the file.</exception>
    public static IReadOnlyList<GivenCredential> Read(IEnumerable<CliInput> options)
    {
        var given = options.Select(Read).ToList();
        return given.GroupBy(credential => credential.Provider, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new CliException($"--credential is given twice for '{twice.Key}'.", ExitCodes.Usage)
            : given;
    }

    /// <summary>The body with which the API stores it.</summary>
    public JsonElement ToBody() => JsonValues.Object(
    [
        KeyValuePair.Create("id", JsonValues.From(Id)),
        KeyValuePair.Create("provider", JsonValues.From(Provider)),
        KeyValuePair.Create("type", JsonValues.From(Type)),
        KeyValuePair.Create("title", JsonValues.From(Title)),
        .. Type == CredentialTypes.OAuth2 && _secrets.Member("scopes") is null ? [KeyValuePair.Create("scopes", JsonValues.EmptyArray)] : Array.Empty<KeyValuePair<string, JsonElement>>(),
        .. _secrets.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)),
    ]);

    /// <summary>Stores it, in the place of the one that an earlier command has stored.</summary>
    /// <param name="grains">The grains.</param>
    /// <param name="userId">Whose it becomes.</param>
    /// <exception cref="CliException">It is not accepted, or blocks of running agents use the earlier one.</exception>
    public async Task StoreAsync(IGrainFactory grains, string userId)
    {
        var grain = grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(userId, Id));
        var answer = await grain.Create(ToContent());
        if (answer is { Verdict: CredentialVerdict.Exists, Credential: { } stored } && (stored.Type != Type || stored.Host != Text("host") || Type == CredentialTypes.OAuth2))
        {
            // A change keeps type and host, and the scopes of OAuth.
            if ((await grain.Delete(Provider, force: false)) is { Verdict: not CredentialVerdict.Done } refused) throw Refused(refused.Message);
            answer = await grain.Create(ToContent());
        }
        else if (answer.Verdict == CredentialVerdict.Exists)
        {
            answer = await grain.Change(ToContent());
        }

        if (answer.Verdict != CredentialVerdict.Done) throw Refused(answer.Message);
    }

    /// <summary>The refusal of a server or grain, for the user.</summary>
    public CliException Refused(string? reason) => new($"--credential {Provider}: {reason ?? "it cannot be stored."}");

    private static GivenCredential Read(CliInput option)
    {
        var (provider, path) = (option.Name, option.Value);
        var text = Encoding.UTF8.GetString(FileText.Read(path, $"credential of {provider}")).Trim();
        CliException Wrong(string what) => new($"--credential {provider}: '{path}' {what}", ExitCodes.Usage);
        if (!text.StartsWith('{'))
            return text.Length > 0 && !text.Any(char.IsControl) ? new GivenCredential(provider, CredentialTypes.ApiKey, JsonValues.Object(KeyValuePair.Create("api_key", JsonValues.From(text)))) : throw Wrong("is not an API key on one line. For other credentials it is a JSON object.");

        if (!JsonValues.TryParse(text, out var json)) throw Wrong("is not valid JSON.");
        var given = json.EnumerateObject().Where(member => member.Name is not ("type" or "id" or "provider" or "title") && !member.Value.IsNull()).ToList();
        var type = json.Member("type") is { ValueKind: JsonValueKind.String } named
            ? named.GetString()!
            : Members.FirstOrDefault(known => known.Value.Needed.All(needed => given.Exists(member => member.NameEquals(needed)))).Key ?? CredentialTypes.ApiKey;
        if (!Members.TryGetValue(type, out var members)) throw Wrong($"has the type '{type}'. It is one of {string.Join(", ", Members.Keys.Order(StringComparer.Ordinal))}.");
        if (members.Needed.FirstOrDefault(needed => !given.Exists(member => member.NameEquals(needed))) is { } missing) throw Wrong($"has no '{missing}', which credentials of type {type} need.");
        if (given.Find(member => !members.Needed.Concat(members.Allowed).Contains(member.Name, StringComparer.Ordinal)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            throw Wrong($"has '{unknown.Name}', which credentials of type {type} do not have.");
        if (given.Find(member => !IsOfKind(member)) is { Value.ValueKind: not JsonValueKind.Undefined } wrong) throw Wrong($"has a wrong value in '{wrong.Name}': it is {KindOf(wrong.Name)}.");
        return new GivenCredential(provider, type, JsonValues.Object(given.Select(member => KeyValuePair.Create(member.Name, member.Value))));
    }

    private static bool IsOfKind(JsonProperty member) => member.Name switch
    {
        "scopes" => member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().All(scope => scope.ValueKind == JsonValueKind.String),
        "headers" => member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().All(header => header.Value.ValueKind == JsonValueKind.String),
        "metadata" => member.Value.ValueKind == JsonValueKind.Object,
        "expires_at" or "access_token_expires_at" or "refresh_token_expires_at" => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out _),
        _ => member.Value.ValueKind == JsonValueKind.String,
    };

    private static string KindOf(string member) => member switch
    {
        "scopes" => "a list of texts",
        "headers" => "an object of texts",
        "metadata" => "an object",
        "expires_at" or "access_token_expires_at" or "refresh_token_expires_at" => "a number of seconds since 1970",
        _ => "a text",
    };

    private CredentialContent ToContent() => new()
    {
        Provider = Provider,
        Type = Type,
        Title = Title,
        Secret = Text("api_key") ?? Text("access_token") ?? Text("password"),
        Username = Text("username"),
        RefreshToken = Text("refresh_token"),
        Host = Text("host"),
        Headers = _secrets.Member("headers") is { } headers ? headers.EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString()!, StringComparer.Ordinal) : null,
        Scopes = _secrets.Member("scopes") is { } scopes ? [.. scopes.EnumerateArray().Select(scope => scope.GetString()!)] : [],
        ExpiresAt = Number("expires_at") ?? Number("access_token_expires_at"),
        RefreshExpiresAt = Number("refresh_token_expires_at"),
        Metadata = _secrets.Member("metadata") is { } metadata ? JsonPayload.Wrap(JsonValues.CompactUtf8(metadata)) : JsonPayload.EmptyObject,
    };

    private string? Text(string name) => _secrets.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private long? Number(string name) => _secrets.Member(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;
}
