using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Webhooks;

[Block("b2605464-e486-4bf4-aad3-d8a213c8a48a", "Starts a graph on events of issues on GitHub.", "DEVELOPER_TOOLS", "INPUT", Kind = BlockKind.Webhook, Effect = BlockEffect.None)]
[WebhookTrigger("github", "repo", Resource = "{repo}", EventFilter = "events", EventFormat = "issues.{event}")]
internal sealed class GithubIssuesTriggerBlock() : Block<GithubIssuesTriggerBlock.Input, GithubIssuesTriggerBlock.Output>([])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        yield return Emit(nameof(Output.Payload), input.Payload);
        yield return Emit(nameof(Output.TriggeredByUser), input.Payload.Require("sender", JsonValueKind.Object));
        var issue = input.Payload.Require("issue", JsonValueKind.Object);
        yield return Emit(nameof(Output.Event), input.Payload.RequireText("action"));
        yield return Emit(nameof(Output.Number), issue.Require("number", JsonValueKind.Number));
        yield return Emit(nameof(Output.Issue), issue);
        yield return Emit(nameof(Output.IssueUrl), issue.RequireText("html_url"));
        yield return Emit(nameof(Output.IssueTitle), issue.RequireText("title"));
        yield return Emit(nameof(Output.IssueBody), issue.Member("body") is { ValueKind: JsonValueKind.String } body ? body.GetString() : "");
        yield return Emit(nameof(Output.Labels), issue.Require("labels", JsonValueKind.Array));
        yield return Emit(nameof(Output.Assignees), issue.Require("assignees", JsonValueKind.Array));
        yield return Emit(nameof(Output.State), issue.RequireText("state"));
    }

    internal sealed record Input : GithubTrigger.Input
    {
        [Pin(Title = "Events")]
        public required EventsFilter Events { get; init; }
    }

    internal sealed record EventsFilter
    {
        public bool Opened { get; init; }

        public bool Edited { get; init; }

        public bool Deleted { get; init; }

        public bool Closed { get; init; }

        public bool Reopened { get; init; }

        public bool Assigned { get; init; }

        public bool Unassigned { get; init; }

        public bool Labeled { get; init; }

        public bool Unlabeled { get; init; }

        public bool Locked { get; init; }

        public bool Unlocked { get; init; }

        public bool Transferred { get; init; }

        public bool Milestoned { get; init; }

        public bool Demilestoned { get; init; }

        public bool Pinned { get; init; }

        public bool Unpinned { get; init; }
    }

    internal sealed record Output : GithubTrigger.Output
    {
        public required long Number { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Issue { get; init; }

        public required string IssueUrl { get; init; }

        public required string IssueTitle { get; init; }

        public required string IssueBody { get; init; }

        public required IReadOnlyList<JsonElement> Labels { get; init; }

        public required IReadOnlyList<JsonElement> Assignees { get; init; }

        public required string State { get; init; }
    }
}
