using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Http;

[Block("6595ae1f-b924-42cb-9a41-551a0611c4b4", "Sends an HTTP request.", "OUTPUT", Effect = BlockEffect.Irreversible, MethodPin = "method")]
internal sealed class SendWebRequestBlock : Block<WebRequestInput, WebRequestOutput>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(WebRequestInput input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reply = await WebRequest.SendAsync(input, new Dictionary<string, string>(StringComparer.Ordinal), context, cancellationToken);
        yield return Emit(WebRequest.PinOf(reply), reply.Value());
    }
}
