using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The built blocks, and blocks that do what a test says. It outlives the silos of its test, as the world outside does.</summary>
internal sealed class TestBlocks : IBlockRegistry, IBlockCatalogue
{
    /// <summary>
    /// Emits its <c>value</c>; waits at the gate that its <c>gate</c> names first. A <c>stubborn</c> one waits whatever is cancelled, a
    /// <c>sulking</c> one makes a failure of it. The name of the gate of a <c>numbered</c> one ends with how often it was started.
    /// </summary>
    public const string Step = "00000000-0000-4000-8000-000000000001";

    /// <summary>As <see cref="Step"/>, for as many credits as its <c>tier</c> says: 5, 10 or 2000.</summary>
    public const string PricedStep = "00000000-0000-4000-8000-000000000002";

    /// <summary>Emits <c>count</c> texts of <c>bytes</c> characters (without a count: for ever), then waits at its <c>gate</c>.</summary>
    public const string Stream = "00000000-0000-4000-8000-000000000003";

    /// <summary>Emits <c>outputs</c> numbers, then fails with its <c>message</c>.</summary>
    public const string Failing = "00000000-0000-4000-8000-000000000004";

    /// <summary>As <see cref="Step"/>, but effect-free: it may run before its dispatch is durable.</summary>
    public const string PureStep = "00000000-0000-4000-8000-000000000005";

    /// <summary>Effect-free, and gives another value each time it is started.</summary>
    public const string Ticket = "00000000-0000-4000-8000-000000000006";

    /// <summary>Makes one request, one chat, one save and one read of a file, each named by the node execution, and emits its <c>value</c> as read from the file.</summary>
    public const string Outside = "00000000-0000-4000-8000-000000000008";

    /// <summary>
    /// As <see cref="Step"/>, for a price that its <c>meter</c> names: 2 credits a <c>second</c>, at most 50; 3 for each 10 <c>byte</c>s, at most 40; 1 for each of its
    /// <c>items</c>, at most 5; 150 per dollar of its <c>cost_usd</c>, at most 400; 1 credit for each thousand tokens sent, 4 for received ones (<c>tokens</c>), at most 20.
    /// </summary>
    public const string MeteredStep = "00000000-0000-4000-8000-000000000009";

    /// <summary>As <see cref="Step"/>, with <c>credentials</c>, and with <c>more</c> of them. A <c>failing</c> one fails with its secret's length.</summary>
    public const string Authorized = "00000000-0000-4000-8000-00000000000a";
    /// <summary>As <see cref="Step"/>, and it mostly waits for time to pass.</summary>
    public const string WaitingStep = "00000000-0000-4000-8000-00000000000b";

    private static readonly BlockCatalogue Built = new();

    private readonly Dictionary<string, IBlock> _blocks;
    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _emitted = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<BlockCall> _calls = new();
    private long _tickets;

    public TestBlocks() => _blocks = new[]
    {
        new ScriptedBlock(Step, nameof(Step), [], RunStepAsync),
        new ScriptedBlock(PricedStep, nameof(PricedStep), [Price(5), Price(10), Price(2000)], RunStepAsync),
        new ScriptedBlock(MeteredStep, nameof(MeteredStep), Metered, RunMeteredAsync),
        new ScriptedBlock(Stream, nameof(Stream), [], RunStreamAsync),
        new ScriptedBlock(Failing, nameof(Failing), [], RunFailingAsync),
        new ScriptedBlock(Outside, nameof(Outside), [], RunOutsideAsync),
        new ScriptedBlock(WaitingStep, nameof(WaitingStep), [], RunStepAsync, waits: true),
        new ScriptedBlock(PureStep, nameof(PureStep), [], RunStepAsync, effectFree: true),
        new ScriptedBlock(Authorized, nameof(Authorized), [], RunAuthorizedAsync, effectFree: false, waits: false, CredentialsPin("credentials"), CredentialsPin("more")),
        new ScriptedBlock(Ticket, nameof(Ticket), [], RunTicketAsync, effectFree: true),
    }.Append<IBlock>(Computation).ToDictionary(block => block.Definition.Id, StringComparer.Ordinal);

    /// <summary>A block that computes, and holds its thread when told to.</summary>
    public HeldComputation Computation { get; } = new();

    /// <summary>The secrets that <see cref="Authorized"/> blocks were given, in order.</summary>
    public ConcurrentQueue<string> Secrets { get; } = new();

    /// <summary>Every start of a block of this class, in order.</summary>
    public IReadOnlyCollection<BlockCall> Calls => _calls;

    public Gate Gate(string name) => _gates.GetOrAdd(name, _ => new Gate());

    /// <summary>How often the block of a node was started, over all its executions.</summary>
    public int Starts(string nodeId) => _calls.Count(call => call.NodeId == nodeId);

    /// <summary>How often the block of a node execution was started.</summary>
    public int Starts(Guid nodeExecutionId) => _calls.Count(call => call.NodeExecutionId == nodeExecutionId);

    /// <summary>How many values a <see cref="Stream"/> node has given.</summary>
    public int Emitted(string nodeId) => _emitted.GetValueOrDefault(nodeId);

    public BlockDefinition? Find(string blockId) => FindBlock(blockId)?.Definition;

    public IBlock? FindBlock(string blockId) => _blocks.GetValueOrDefault(blockId) ?? Built.FindBlock(blockId);

    private static IReadOnlyList<CostRule> Metered { get; } =
    [
        new(2, CostType.Second, Meter("second")) { Maximum = 50 },
        new(3, CostType.Byte, Meter("byte")) { Maximum = 40, Divisor = 10 },
        new(1, CostType.Items, Meter("items")) { Maximum = 5 },
        new(150, CostType.CostUsd, Meter("cost_usd")) { Maximum = 400 },
        new(0, CostType.Tokens, Meter("tokens")) { Maximum = 20, TokenRate = new TokenRate(Input: 1000, Output: 4000) },
    ];

    private static PinDefinition CredentialsPin(string name) => new()
    {
        Name = name,
        Type = PinType.Any,
        Credentials = new CredentialsRequirement { Providers = ["openai", "github"], Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2] },
    };

    private static JsonElement Meter(string name) => JsonValues.Object(KeyValuePair.Create("meter", JsonValues.From(name)));

    private static CostRule Price(int credits) =>
        new(credits, CostType.Run, JsonValues.Object(KeyValuePair.Create("tier", JsonValues.From(credits))));

    private static string? Text(JsonElement input, string name) =>
        input.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static bool Flag(JsonElement input, string name) => input.Member(name) is { ValueKind: JsonValueKind.True };

    private static int Number(JsonElement input, string name, int otherwise) => input.Member(name)?.GetInt32() ?? otherwise;

    private void Note(BlockContext context) =>
        _calls.Enqueue(new BlockCall(Guid.Parse(context.RunId), context.NodeId, Guid.Parse(context.NodeExecutionId), System.Diagnostics.Activity.Current?.ParentId));

    private async IAsyncEnumerable<BlockOutput> RunStepAsync(
        JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Note(context);
        if (Text(input, "gate") is { } gate) await WaitAsync(Gate(Flag(input, "numbered") ? $"{gate}{Starts(context.NodeId)}" : gate), input, cancellationToken);
        yield return new BlockOutput("value", input.Member("value") ?? JsonValues.Null);
    }

    private IAsyncEnumerable<BlockOutput> RunMeteredAsync(JsonElement input, BlockContext context, CancellationToken cancellationToken)
    {
        context.Usage.Items = Number(input, "items", 0);
        context.Usage.CostUsd = input.Member("cost_usd")?.GetDecimal() ?? 0;
        context.Usage.InputTokens = Number(input, "sent", 0);
        context.Usage.OutputTokens = Number(input, "received", 0);
        return Flag(input, "failing") ? RunFailingAsync(input, context, cancellationToken) : RunStepAsync(input, context, cancellationToken);
    }

    private static async Task WaitAsync(Gate gate, JsonElement input, CancellationToken cancellationToken)
    {
        try
        {
            await gate.PassAsync(Flag(input, "stubborn") ? CancellationToken.None : cancellationToken);
        }
        catch (OperationCanceledException exception) when (Flag(input, "sulking"))
        {
            throw new BlockException("I was not done yet", exception);
        }
    }

    private async IAsyncEnumerable<BlockOutput> RunTicketAsync(
        JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Note(context);
        await Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        yield return new BlockOutput("value", JsonValues.From(Interlocked.Increment(ref _tickets)));
    }

    private async IAsyncEnumerable<BlockOutput> RunOutsideAsync(
        JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Note(context);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://outside/{context.NodeExecutionId}");
        await context.Http.SendAsync(request, cancellationToken);
        await context.Models.CompleteAsync(
            new ChatRequest { Model = context.NodeExecutionId, Messages = [], Credential = new Credential("id", "provider", "api_key", "secret") }, cancellationToken);
        await context.Files.SaveAsync(context.NodeExecutionId, JsonValues.CompactUtf8(input.Member("value") ?? JsonValues.Null), cancellationToken);
        yield return new BlockOutput("value", JsonValues.ParseUtf8((await context.Files.ReadAsync(context.NodeExecutionId, cancellationToken)).Span));
    }

    private async IAsyncEnumerable<BlockOutput> RunAuthorizedAsync(
        JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var credential in context.Credentials.Values) Secrets.Enqueue(credential.Secret);
        if (Flag(input, "failing")) throw new BlockException($"The secret has {context.Credentials["credentials"].Secret.Length} characters.");
        await foreach (var output in RunStepAsync(input, context, cancellationToken)) yield return output;
    }

    private async IAsyncEnumerable<BlockOutput> RunStreamAsync(
        JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Note(context);
        var count = Number(input, "count", int.MaxValue);
        var padding = new string('.', Number(input, "bytes", 0));
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _emitted.AddOrUpdate(context.NodeId, 1, (_, before) => before + 1);
            yield return new BlockOutput("value", JsonValues.From($"{i}{padding}"));
        }

        if (Text(input, "gate") is { } gate) await Gate(gate).PassAsync(cancellationToken);
    }

    private async IAsyncEnumerable<BlockOutput> RunFailingAsync(
        JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Note(context);
        await Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < Number(input, "outputs", 0); i++) yield return new BlockOutput("value", JsonValues.From(i));
        throw new BlockException(Text(input, "message") ?? "no reason given");
    }
}
