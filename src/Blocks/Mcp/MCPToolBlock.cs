using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Mcp;

/// <summary>
/// A block of newer exports (contract: upstream section 4). The arguments of the chosen tool are pins of the node by their own names; what arrives there comes before
/// <c>tool_arguments</c>. What a tool does is known to its server alone, so that the block counts as irreversible.
/// </summary>
[Block("a0a4b1c2-d3e4-4f56-a7b8-c9d0e1f2a3b4", "Calls a tool of a server that speaks the Model Context Protocol.", "DEVELOPER_TOOLS", Kind = BlockKind.McpTool, Effect = BlockEffect.Irreversible)]
internal sealed class MCPToolBlock : Block<MCPToolBlock.Input, MCPToolBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(input.ServerUrl.Trim(), UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
            throw new BlockException($"'server_url' is '{input.ServerUrl}'; it must be the http or https address of an MCP server");
        if (input.SelectedTool.Length == 0) throw new BlockException("'selected_tool' is empty; choose one of the tools of the server");
        var arguments = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (input.ToolArguments.ValueKind == JsonValueKind.Object)
            foreach (var argument in input.ToolArguments.EnumerateObject()) arguments[argument.Name] = argument.Value;
        foreach (var (name, value) in input.Arguments) arguments[name] = value;
        if (ToolArguments.Problem(input.ToolInputSchema, arguments) is { } problem) throw new BlockException($"The tool '{input.SelectedTool}' cannot be called: {problem}");
        var credential = context.Credentials.GetValueOrDefault("credentials");
        // An agent of somebody else may name two servers, and its user gives it one credential: the other server must not get it.
        if (credential?.ServerUrl is { } own && (!Uri.TryCreate(own, UriKind.Absolute, out var bound) || Uri.Compare(bound, server, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0))
            throw new BlockException($"The credentials are those of {own} and are not sent to {server.GetLeftPart(UriPartial.Authority)}; choose credentials of that server");
        yield return Emit(nameof(Output.Result), await McpExchange.CallAsync(context.Http, server, credential?.Secret, input.SelectedTool, arguments, context.Clock, cancellationToken));
    }

    internal sealed record Input
    {
        [Pin(Title = "Server URL", Advanced = false)]
        public required string ServerUrl { get; init; }

        [CredentialsPin("mcp", Types = ["oauth2", "api_key"])]
        public CredentialsReference? Credentials { get; init; }

        [Pin(Advanced = false)]
        public string SelectedTool { get; init; } = "";

        [Pin(Type = "object", Hidden = true)]
        public JsonElement ToolInputSchema { get; init; } = JsonValues.EmptyObject;

        [Pin(Type = "object", Hidden = true)]
        public JsonElement ToolArguments { get; init; } = JsonValues.EmptyObject;

        /// <summary>The values of the pins that are named after the tool's arguments.</summary>
        [JsonExtensionData]
        public Dictionary<string, JsonElement> Arguments { get; init; } = [];
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement Result { get; init; }
    }
}
