using System.Security.Cryptography;
using System.Text;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations;

/// <summary>Keys by which a vendor recognises that a repeated attempt asks for the same thing again.</summary>
internal static class DerivedKey
{
    /// <summary>A key of 32 hexadecimal digits, the same for all attempts of a node execution.</summary>
    /// <param name="context">The node execution.</param>
    /// <param name="part">What the key is for, where a node execution needs several.</param>
    public static string Of(BlockContext context, string part = "") =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{context.NodeExecutionId} {part}")))[..32];
}
