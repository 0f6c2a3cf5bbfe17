using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Http;

[Block("fff86bcd-e001-4bad-a7f6-2eae4720c8dc", "HTTP request with headers from host-scoped credentials.", "OUTPUT", Effect = BlockEffect.Irreversible, MethodPin = "method")]
internal sealed class SendAuthenticatedWebRequestBlock : Block<SendAuthenticatedWebRequestBlock.Input, WebRequestOutput>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var credential = context.Credentials[nameof(Input.Credentials).ToLowerInvariant()];
        // Without a match the request is sent without the headers (contract: block-tiers, Send Authenticated Web Request).
        var headers = credential.CoversHost(WebRequest.AddressOf(input.Url).IdnHost) ? credential.Headers : ImmutableDictionary<string, string>.Empty;
        var reply = await WebRequest.SendAsync(input, headers, context, cancellationToken);
        yield return Emit(WebRequest.PinOf(reply), reply.Value());
    }

    internal sealed record Input : WebRequestInput
    {
        [HostCredentialsPin]
        public required CredentialsReference Credentials { get; init; }
    }

    /// <summary>Marks the pin of credentials that are chosen by the host of the pin <c>url</c>.</summary>
    [AttributeUsage(AttributeTargets.Property)]
    private sealed class HostCredentialsPinAttribute : CredentialsPinAttribute
    {
        public HostCredentialsPinAttribute()
            : base("http")
        {
            Types = [CredentialTypes.HostScoped];
        }

        internal override CredentialsRequirement Requirement => base.Requirement with { Discriminator = "url" };
    }
}
