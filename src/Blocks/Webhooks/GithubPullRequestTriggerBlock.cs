using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Webhooks;

[Block("6c60ec01-8128-419e-988f-96a063ee2fea", "Starts a graph on events of pull requests on GitHub.", "DEVELOPER_TOOLS", "INPUT", Kind = BlockKind.Webhook, Effect = BlockEffect.None)]
[WebhookTrigger("github", "repo", Resource = "{repo}", EventFilter = "events", EventFormat = "pull_request.{event}")]
internal sealed class GithubPullRequestTriggerBlock() : Block<GithubPullRequestTriggerBlock.Input, GithubPullRequestTriggerBlock.Output>([])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        yield return Emit(nameof(Output.Payload), input.Payload);
        yield return Emit(nameof(Output.TriggeredByUser), input.Payload.Require("sender", JsonValueKind.Object));
        yield return Emit(nameof(Output.Event), input.Payload.RequireText("action"));
        yield return Emit(nameof(Output.Number), input.Payload.Require("number", JsonValueKind.Number));
        var pullRequest = input.Payload.Require("pull_request", JsonValueKind.Object);
        yield return Emit(nameof(Output.PullRequest), pullRequest);
        yield return Emit(nameof(Output.PullRequestUrl), pullRequest.RequireText("html_url"));
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

        public bool Closed { get; init; }

        public bool Reopened { get; init; }

        public bool Synchronize { get; init; }

        public bool Assigned { get; init; }

        public bool Unassigned { get; init; }

        public bool Labeled { get; init; }

        public bool Unlabeled { get; init; }

        public bool ConvertedToDraft { get; init; }

        public bool Locked { get; init; }

        public bool Unlocked { get; init; }

        public bool Enqueued { get; init; }

        public bool Dequeued { get; init; }

        public bool Milestoned { get; init; }

        public bool Demilestoned { get; init; }

        public bool ReadyForReview { get; init; }

        public bool ReviewRequested { get; init; }

        public bool ReviewRequestRemoved { get; init; }

        public bool AutoMergeEnabled { get; init; }

        public bool AutoMergeDisabled { get; init; }
    }

    internal sealed record Output : GithubTrigger.Output
    {
        public required long Number { get; init; }

        [Pin(Type = "object")]
        public required JsonElement PullRequest { get; init; }

        public required string PullRequestUrl { get; init; }
    }
}
