using System.Net;
using System.Net.Sockets;

namespace Grainflow.Blocks.Http;

/// <summary>
/// Decides which IP addresses requests of blocks may reach: public ones only, so that a block cannot call services inside the operator's
/// network (contract: block-tiers, Send Web Request; OWASP API7, server-side request forgery).
/// </summary>
public static class AddressRules
{
    private static readonly (IPNetwork Network, string Reason)[] Version4 =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "an unspecified address"),
        (IPNetwork.Parse("10.0.0.0/8"), "a private address"),
        (IPNetwork.Parse("100.64.0.0/10"), "an address of a carrier's own network"),
        (IPNetwork.Parse("127.0.0.0/8"), "a loopback address"),
        // Azure answers there in every machine, like others at 169.254.169.254.
        (IPNetwork.Parse("168.63.129.16/32"), "an address of a cloud's own services"),
        (IPNetwork.Parse("169.254.0.0/16"), "a link-local address"),
        (IPNetwork.Parse("172.16.0.0/12"), "a private address"),
        (IPNetwork.Parse("192.0.0.0/24"), "a reserved address"),
        (IPNetwork.Parse("192.0.2.0/24"), "a documentation address"),
        (IPNetwork.Parse("192.88.99.0/24"), "a reserved address"),
        (IPNetwork.Parse("192.168.0.0/16"), "a private address"),
        (IPNetwork.Parse("198.18.0.0/15"), "a benchmark address"),
        (IPNetwork.Parse("198.51.100.0/24"), "a documentation address"),
        (IPNetwork.Parse("203.0.113.0/24"), "a documentation address"),
        (IPNetwork.Parse("224.0.0.0/4"), "a multicast address"),
        (IPNetwork.Parse("255.255.255.255/32"), "the broadcast address"),
        (IPNetwork.Parse("240.0.0.0/4"), "a reserved address"),
    ];

    private static readonly (IPNetwork Network, string Reason)[] Version6 =
    [
        (IPNetwork.Parse("::/128"), "an unspecified address"),
        (IPNetwork.Parse("::1/128"), "a loopback address"),
        (IPNetwork.Parse("100::/64"), "a discard address"),
        (IPNetwork.Parse("2001:2::/48"), "a benchmark address"),
        (IPNetwork.Parse("2001:10::/28"), "a reserved address"),
        (IPNetwork.Parse("2001:20::/28"), "a reserved address"),
        (IPNetwork.Parse("2001:db8::/32"), "a documentation address"),
        (IPNetwork.Parse("3fff::/20"), "a documentation address"),
        (IPNetwork.Parse("fc00::/7"), "a private address"),
        (IPNetwork.Parse("fe80::/10"), "a link-local address"),
        (IPNetwork.Parse("fec0::/10"), "a site-local address"),
        (IPNetwork.Parse("ff00::/8"), "a multicast address"),
    ];

    // IPv6 networks whose addresses contain an IPv4 address that the packets are forwarded to: the offset of its four bytes, and the
    // mask that they are combined with by exclusive or (Teredo inverts the client's address).
    private static readonly (IPNetwork Network, int Offset, byte Mask)[] Embedding =
    [
        (IPNetwork.Parse("::ffff:0:0:0/96"), 12, 0),
        (IPNetwork.Parse("::/96"), 12, 0),
        (IPNetwork.Parse("64:ff9b::/96"), 12, 0),
        (IPNetwork.Parse("2002::/16"), 2, 0),
        (IPNetwork.Parse("2001::/32"), 4, 0),
        (IPNetwork.Parse("2001::/32"), 12, 0xFF),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>The reason for which an address is refused, such as "a private address"; null when it is public.</summary>
    /// <param name="address">An address of any family; those of others than IPv4 and IPv6 are refused.</param>
    public static string? FindRefusal(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return Find(Version4, address);
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return "no internet address";
        // First, because IPNetwork.Contains compares a mapped address with no IPv6 network.
        if (address.IsIPv4MappedToIPv6) return InVersion6(address.MapToIPv4());
        if (address.ScopeId != 0) address = new IPAddress(address.GetAddressBytes());
        if (Find(Version6, address) is { } reason) return reason;
        if (Embedded(address) is { } embedded) return embedded;
        var isPublic = GlobalUnicast.Contains(address) || Translated.Contains(address);
        return isPublic ? null : "no public address";
    }

    private static string? Embedded(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        foreach (var (network, offset, mask) in Embedding)
        {
            if (!network.Contains(address)) continue;
            if (InVersion6(new IPAddress(Array.ConvertAll(bytes[offset..(offset + 4)], b => (byte)(b ^ mask)))) is { } reason) return reason;
        }

        // ISATAP (RFC 5214): the interface identifier contains an IPv4 address.
        var isSite = bytes[8] is 0 or 2 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE;
        return isSite ? InVersion6(new IPAddress(bytes.AsSpan(12, 4))) : null;
    }

    private static string? InVersion6(IPAddress inner) => Find(Version4, inner) is { } reason ? $"{reason} ({inner}) in IPv6 form" : null;

    private static string? Find((IPNetwork Network, string Reason)[] table, IPAddress address)
    {
        foreach (var (network, reason) in table)
            if (network.Contains(address)) return reason;
        return null;
    }
}
