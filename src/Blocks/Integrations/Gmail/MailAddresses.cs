using Grainflow.Blocks.Contract;
using MimeKit;

namespace Grainflow.Blocks.Integrations.Gmail;

/// <summary>Reads addresses of mails.</summary>
internal static class MailAddresses
{
    /// <summary>The addresses in a header, without names; none when it cannot be read.</summary>
    /// <param name="header">For example <c>Ada &lt;ada@example.com&gt;, bob@example.com</c>.</param>
    public static IReadOnlyList<string> Of(string header) =>
        InternetAddressList.TryParse(header, out var list) ? [.. list.Mailboxes.Select(mailbox => mailbox.Address).Where(address => address.Length > 0)] : [];

    /// <summary>The addresses that a user gave.</summary>
    /// <param name="given">The addresses, each with or without a name.</param>
    /// <param name="pin">Where they come from, for the message.</param>
    /// <exception cref="BlockException">One is no address.</exception>
    public static IEnumerable<MailboxAddress> Parse(IEnumerable<string> given, string pin) =>
        given.Select(text => MailboxAddress.TryParse(text, out var address) ? address : throw new BlockException($"'{pin}' must be mail addresses, and '{text}' is none"));
}
