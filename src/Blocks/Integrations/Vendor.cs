using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations;

/// <summary>An API of a service outside.</summary>
/// <param name="Integration">The name of the integration in settings, one of <see cref="IntegrationOptions.Names"/>.</param>
/// <param name="Title">The name in messages to users.</param>
/// <param name="Origin">Scheme and host of the API, without a path, for example <c>https://api.airtable.com</c>.</param>
internal sealed record Vendor(string Integration, string Title, string Origin)
{
    /// <summary>The name of the host where the vendor has several, which tells them apart behind one address of the settings; "" where he has one.</summary>
    public string Host { get; init; } = "";

    /// <summary>The header by which a request is authorized. Its value is a secret of the origin.</summary>
    public Func<Credential, KeyValuePair<string, string>> Authorization { get; init; } = credential => KeyValuePair.Create("Authorization", credential.AuthorizationHeader);

    /// <summary>Whether an answer other than 429 says that there were too many requests, by its status and its JSON.</summary>
    public Func<int, JsonElement, bool> LimitsRate { get; init; } = (_, _) => false;

    /// <summary>The address of the API, without a slash at the end.</summary>
    /// <param name="options">The settings.</param>
    public string AddressIn(IntegrationOptions options)
    {
        if (!options.Bases.TryGetValue(Integration, out var address)) return Origin;
        var trimmed = address.AbsoluteUri.TrimEnd('/');
        return Host.Length == 0 ? trimmed : $"{trimmed}/{Host}";
    }

    /// <summary>An authorization by a header that holds nothing but the key.</summary>
    /// <param name="header">The name of the header.</param>
    public static Func<Credential, KeyValuePair<string, string>> KeyIn(string header) => credential => KeyValuePair.Create(header, credential.Secret);
}
