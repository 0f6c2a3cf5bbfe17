using System.Text.RegularExpressions;
using Grainflow.Storage;
using Npgsql;

namespace Grainflow.Silo.Hosting;

/// <summary>Checks where the database is before anything connects to it, and shows it without its password.</summary>
internal static partial class DatabaseAddress
{
    private const string Forms =
        "postgres://USER:PASSWORD@HOST:PORT/DATABASE, or Npgsql's form Host=...;Port=...;Username=...;Password=...;Database=...";

    private const string Encoding = "special characters in user and password are percent-encoded, such as %40 for @, %23 for # and %2F for /";

    private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;

    /// <summary>Checks a setting that names a database.</summary>
    /// <param name="name">The name of the setting.</param>
    /// <param name="text">Its value.</param>
    /// <returns>The value.</returns>
    /// <exception cref="SettingsException">It is neither a valid URL nor valid in Npgsql's form; the message has no password.</exception>
    public static string Require(string name, string text) =>
        FindProblem(text) is { } problem ? throw new SettingsException($"{name} is '{Masked(text)}'; it must be {Forms}: {problem}.") : text;

    /// <summary>The text with stars in the place of passwords, on one line.</summary>
    /// <param name="text">A database address, well formed or not.</param>
    public static string Masked(string text)
    {
        // What follows the password in Npgsql's form may belong to it when quotes are missing.
        var keyed = KeyedPassword().Match(text);
        if (keyed.Success && !HasScheme(text)) return OneLine(text[..keyed.Index] + keyed.Groups["name"].Value + "=***");
        return OneLine(QueryPassword().Replace(UserInfo().Replace(text, "${head}:***@", 1), "${name}=***"));
    }

    private static string? FindProblem(string text)
    {
        if (text.Trim().Length == 0) return "it is blank";
        if (HasScheme(text)) return FindUrlProblem(text);
        if (!text.Contains('=', StringComparison.Ordinal)) return "it has neither form";
        if (FindDriverProblem(text) is not { } problem) return null;
        // A message of the driver may quote a piece of a password that lacks its quotes.
        var keyed = KeyedPassword().Match(text);
        return keyed.Success && (keyed.Index == 0 || FindDriverProblem(text[..keyed.Index]) is null)
            ? "what follows the password is not understood; a password with ; or quotes needs quotes around it"
            : problem;
    }

    private static string? FindUrlProblem(string text)
    {
        var scheme = Scheme().Match(text).Groups["scheme"].Value;
        if (scheme.Length == 0) return "postgres is not followed by ://";
        if (scheme is not ("postgres" or "postgresql")) return $"the scheme '{scheme}' is not postgres";
        if (!text.StartsWith(scheme + "://", StringComparison.Ordinal)) return $"{scheme}: is not followed by //";

        var rest = text[(scheme.Length + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        var authority = end < 0 ? rest : rest[..end];
        // A / ? or # in a password ends the part that has the host: what looks like host and port is then user and password.
        if (end >= 0 && !authority.Contains('@', StringComparison.Ordinal) && rest[end] != '?' && rest.Contains('@', StringComparison.Ordinal)) return Encoding;
        if (rest.Contains('#', StringComparison.Ordinal) || authority.Count(character => character == '@') > 1) return Encoding;

        var host = authority[(authority.LastIndexOf('@') + 1)..];
        if (host.StartsWith('[') != host.Contains(']', StringComparison.Ordinal)) return "an IPv6 address is written between [ and ]";
        if (Port().Match(host) is { Success: true } port && !(int.TryParse(port.Groups["port"].ValueSpan, out var number) && number is > 0 and <= 65535))
            return $"the port '{port.Groups["port"].Value}' is not a number from 1 to 65535";

        if (host.Length == 0 && !rest.Contains("host=", IgnoreCase)) return "it names no host";
        if (host.Contains(',', StringComparison.Ordinal)) return "several hosts need Npgsql's form, Host=ONE,OTHER";

        var query = rest.IndexOf('?', StringComparison.Ordinal) is var mark && mark < 0 ? "" : rest[(mark + 1)..];
        if (query.Split('&', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(pair => !pair.Contains('=', StringComparison.Ordinal)) is { } bare)
            return bare.Contains('@', StringComparison.Ordinal) ? Encoding : $"the setting '{bare}' has no value";
        return FindDriverProblem(text);
    }

    /// <summary>What the driver has against an address, without connecting.</summary>
    private static string? FindDriverProblem(string text)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(ConnectionStrings.FromUrl(text));
            if (string.IsNullOrEmpty(settings.Host)) return "it names no host";
            if (settings.Multiplexing) return "the setting 'Multiplexing' cannot be on, because the instance lock needs a session of its own";
            using var dataSource = ConnectionStrings.CreateDataSource(text);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException or NotSupportedException or KeyNotFoundException)
        {
            if (UnsetSetting().Match(exception.Message) is not { Success: true } setting) return Reason(exception);
            var name = setting.Groups["name"].Value;
            return exception.InnerException switch
            {
                null or KeyNotFoundException => $"the setting '{name}' is not known",
                var cause => $"the setting '{name}' cannot have that value ({Reason(cause)})",
            };
        }
    }

    private static string Reason(Exception exception)
    {
        var message = OneLine(exception.Message);
        var parameter = message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return (parameter < 0 ? message : message[..parameter]).TrimEnd('.');
    }

    private static bool HasScheme(string text) => Scheme().IsMatch(text) || text.StartsWith("postgres", IgnoreCase);

    private static string OneLine(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));

    [GeneratedRegex(@"^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Scheme();

    /// <summary>User and password of a URL; a password may have any character until the last @.</summary>
    [GeneratedRegex(@"^(?<head>(?>([A-Za-z][A-Za-z0-9+.-]*://+)?)[^:@]*):.*@", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<name>[?&][^=&]*(password|pwd|psw)[^=&]*)=[^&]*", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QueryPassword();

    [GeneratedRegex(@"(?<name>[^;=]*(password|pwd|psw)[^;=]*)=", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyedPassword();

    /// <summary>How the driver begins the message about a setting.</summary>
    [GeneratedRegex(@"^Couldn't set (?<name>.+?)( \(Parameter|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnsetSetting();

    [GeneratedRegex(@"^(\[[^\]]*\]|[^\[\]:]*):(?<port>.+)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Port();
}
