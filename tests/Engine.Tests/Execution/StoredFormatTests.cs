using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>The stored forms to the byte: other versions of the program read what this one writes, and it reads what they wrote.</summary>
public sealed class StoredFormatTests
{
    [Fact]
    public void Facts_are_written_as_they_always_were() =>
        Assert.Equal(
            """
            run_started {"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_dispatched {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":1,"host":"host-1","at":"2026-01-05T09:00:00.1234567+00:00"}
            node_dispatched {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":7,"host":"host-2","price":16,"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_dispatched {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":1,"host":"host-2","epoch":3,"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_dispatched {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":2,"host":"host-2","epoch":3,"not_before":"2026-01-05T09:00:01.1234567+00:00","reports_begin":true,"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_began {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":2,"host":"10.0.0.7:11111@509871234","start":12,"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_skipped {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","at":"2026-01-05T09:00:00.1234567+00:00"}
            node_interrupted {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":2,"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_output {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":2,"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_ended {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":1,"status":"Completed","stats":{},"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_ended {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":3,"status":"Failed","error":"boom \"é\"","charged":5,"out_of_credits":true,"stats":{"wall_time":0.1,"input_size":5,"extra_cost":2,"extra_steps":3},"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_ended {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":1,"status":"Completed","stats":{"llm_call_count":2,"input_token_count":900,"output_token_count":100,"context_used":600,"context_max":128000},"at":"2026-01-05T09:00:00.1234567+00:00"}
            node_ended {"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","attempt":1,"status":"Failed","error":"spent","over_budget":true,"stats":{},"at":"2026-01-05T09:00:00.1234567+00:00"}
            stop_requested {"outcome":"Terminated","at":"2026-01-05T09:00:00.1234567+00:00"}
            stop_requested {"outcome":"Failed","reason":"no credits","failure_reason":"insufficient_balance","at":"2026-01-05T09:00:00.1234567+00:00"}
            run_ended {"status":"Failed","error":"why","at":"2026-01-05T09:00:00.1234567+00:00"}
            """,
            string.Join('\n', RunRecordsTests.Facts.Select(row => $"{RunEventCodec.Kind(row.Data)} {Encoding.UTF8.GetString(RunEventCodec.Body(row.Data))}")));

    [Fact]
    public void The_schedule_of_a_spec_is_read_from_its_member_alone_and_without_what_was_added_later()
    {
        var schedule = new RunSchedule(new Guid("7d1c3a5e-0000-4000-8000-000000000007"), "Mornings", Buffers: true);
        var spec = RunPlanner.Plan(new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x"}""").Index(), TestRun.Request("""{"x": 5.0}"""));
        var member = JsonElement.Parse(RunSpecCodec.Write(spec with { Schedule = schedule })).GetProperty("schedule").GetRawText();

        Assert.Equal("""{"id":"7d1c3a5e-0000-4000-8000-000000000007","name":"Mornings","buffers":true}""", member);
        Assert.Equal(schedule, RunSpecCodec.ReadSchedule(Encoding.UTF8.GetBytes(member)));
        var byHand = schedule with { ByHand = true };
        Assert.Equal(byHand, RunSpecCodec.Read(RunSpecCodec.Write(spec with { Schedule = byHand })).Schedule);
    }

    [Fact]
    public void A_run_was_triggered_by_its_user_or_by_an_occurrence_and_a_sub_agent_by_neither()
    {
        var schedule = new RunSchedule(Guid.NewGuid(), "Mornings", Buffers: false);
        Assert.Equal(
            ("manual", "schedule", "manual"), (RunTriggers.SourceOf(null, null), RunTriggers.SourceOf(schedule, null), RunTriggers.SourceOf(schedule with { ByHand = true }, null)));
        Assert.Null(RunTriggers.SourceOf(null, Guid.NewGuid()));
    }

    [Fact]
    public void A_spec_is_written_as_it_always_was()
    {
        var spec = RunPlanner.Plan(
            new GraphBuilder().Node("i", FakeBlocks.Input, """{"name": "x"}""").Index(),
            TestRun.Request("""{"x": 5.0}""") with
            {
                UserTimeZone = "Europe/Oslo",
                Parent = new ParentRun(TestRun.Id, TestRun.Id, TestRun.Id, 3),
                Masks = ImmutableDictionary<string, PinValues>.Empty.Add("i", new PinValues(StringComparer.Ordinal) { ["z"] = JsonValues.Null, ["a"] = JsonValues.From(1) }),
            }) with
        { NodesToSkip = ["k"] };

        Assert.Equal(
            """
            {"run_id":"7d1c3a5e-0000-4000-8000-000000000001","user_id":"user","graph_id":"graph","graph_version":1,"created_at":"2026-01-05T09:00:00+00:00","starts":[{"node_id":"i","input":{"name":"x","value":5.0,"z":null,"a":1}}],"masks":{"i":{"z":null,"a":1}},"nodes_to_skip":["k"],"user_time_zone":"Europe/Oslo","depth":4,"root_run_id":"7d1c3a5e-0000-4000-8000-000000000001","parent_run_id":"7d1c3a5e-0000-4000-8000-000000000001","parent_node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001","inputs":{"x":5.0}}
            """,
            Encoding.UTF8.GetString(RunSpecCodec.Write(spec)));
        Assert.Equal(
            """
            {"run_id":"7d1c3a5e-0000-4000-8000-000000000001","user_id":"user","graph_id":"graph","graph_version":1,"created_at":"2026-01-05T09:00:00+00:00","starts":[{"node_id":"p","input":{}}],"masks":{},"nodes_to_skip":[],"user_time_zone":"UTC","root_run_id":"7d1c3a5e-0000-4000-8000-000000000001","inputs":{}}
            """,
            Encoding.UTF8.GetString(RunSpecCodec.Write(Run().Spec)));
        Assert.Equal(0, RunSpecCodec.Read(RunSpecCodec.Write(Run().Spec with { MaxCost = 0 })).MaxCost);
        Assert.Contains("\"max_cost\":0", Encoding.UTF8.GetString(RunSpecCodec.Write(Run().Spec with { MaxCost = 0 })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_spec_that_lacks_what_has_a_default_gets_the_default()
    {
        var spec = RunSpecCodec.Read("""{"run_id":"7d1c3a5e-0000-4000-8000-000000000001","user_id":"user","graph_id":"graph","graph_version":1,"created_at":"2026-01-05T09:00:00+00:00","starts":[]}"""u8);

        Assert.Equal(("UTC", 0, 0, 0), (spec.UserTimeZone, spec.Masks.Count, spec.NodesToSkip.Count, spec.Inputs.Count));
    }

    [Fact]
    public void A_snapshot_is_written_as_it_always_was()
    {
        var run = Run();
        Assert.Equal(
            """
            {"status":"Running","started_at":"2026-01-05T09:00:00.001+00:00","stats":{"cost":3,"node_exec_time":1.5,"node_exec_count":1},"created":5,"dispatched":3,"executions":[{"id":"8d98b5f3-2c2f-43f4-bf64-bcd8f42269aa","ordinal":0,"node_id":"p","status":"Running","attempt":2,"lost_attempts":1,"interrupted":true,"start":1,"not_before":"2026-01-05T09:00:01.009+00:00","host":"host-2","input":{},"price":3,"added_at":"2026-01-05T09:00:00+00:00","queued_at":"2026-01-05T09:00:00+00:00","started_at":"2026-01-05T09:00:00.002+00:00","outputs":[],"routed":2,"routed_digests":"V7w5o/B5vWiKfQkNyT5d6JFPu2jNhdpV9MruXQ3Y3Dk=","arrived_bytes":0,"next_ordinal":1,"inherited":2,"repeating":true},{"id":"978ee944-dfa2-444b-b51d-68786df96bea","ordinal":1,"node_id":"s","status":"Running","attempt":2,"lost_attempts":0,"not_begun":true,"host":"host-2","input":{"a":1},"price":3,"added_at":"2026-01-05T09:00:00.004+00:00","queued_at":"2026-01-05T09:00:00.004+00:00","started_at":"2026-01-05T09:00:00.005+00:00","outputs":[],"arrived_bytes":1},{"id":"b9be2134-488c-4f4c-9d23-27feda947ee9","ordinal":2,"node_id":"w","status":"Incomplete","lost_attempts":0,"input":{"a":1},"added_at":"2026-01-05T09:00:00.004+00:00","outputs":[],"arrived_bytes":1},{"id":"ea6192e8-cd89-45e4-93cc-d58431942189","ordinal":3,"node_id":"s","status":"Completed","attempt":2,"lost_attempts":1,"not_before":"2026-01-05T09:00:01.009+00:00","host":"host-2","input":{"a":{"k":[1.0,"é\n"]}},"price":3,"charged":3,"added_at":"2026-01-05T09:00:00.004+00:00","queued_at":"2026-01-05T09:00:00.004+00:00","started_at":"2026-01-05T09:00:00.005+00:00","ended_at":"2026-01-05T09:00:00.014+00:00","stats":{"wall_time":1.5,"llm_call_count":2},"outputs":[{"pin":"out","value":5},{"pin":"out","value":null}],"arrived_bytes":18,"next_ordinal":1,"inherited":2,"repeating":true},{"id":"4b3b0989-73f0-4a36-9e7e-537f771be976","ordinal":4,"node_id":"w","status":"Incomplete","lost_attempts":0,"input":{"a":{"k":[1.0,"é\n"]}},"added_at":"2026-01-05T09:00:00.004+00:00","outputs":[],"arrived_bytes":18}],"queued_nodes":["p","s"],"ready":[],"lanes":{"p":["8d98b5f3-2c2f-43f4-bf64-bcd8f42269aa"],"s":["978ee944-dfa2-444b-b51d-68786df96bea","ea6192e8-cd89-45e4-93cc-d58431942189"]},"last_input":{}}
            """,
            Encoding.UTF8.GetString(run.Run.Snapshot()));
        run.Stop();
        run.End(run.InFlight("s"), TestRun.Ended(ExecutionStatus.Failed, "boom \"é\""), "out=1");
        Assert.Equal(
            """
            {"status":"Running","started_at":"2026-01-05T09:00:00.001+00:00","stats":{"cost":3,"node_exec_time":1.5,"node_exec_count":2,"node_error_count":1},"created":8,"dispatched":3,"stop_outcome":"Terminated","executions":[{"id":"8d98b5f3-2c2f-43f4-bf64-bcd8f42269aa","ordinal":0,"node_id":"p","status":"Running","attempt":2,"lost_attempts":1,"interrupted":true,"start":1,"not_before":"2026-01-05T09:00:01.009+00:00","host":"host-2","input":{},"price":3,"added_at":"2026-01-05T09:00:00+00:00","queued_at":"2026-01-05T09:00:00+00:00","started_at":"2026-01-05T09:00:00.002+00:00","outputs":[],"routed":2,"routed_digests":"V7w5o/B5vWiKfQkNyT5d6JFPu2jNhdpV9MruXQ3Y3Dk=","arrived_bytes":0,"next_ordinal":1,"inherited":2,"repeating":true},{"id":"b9be2134-488c-4f4c-9d23-27feda947ee9","ordinal":2,"node_id":"w","status":"Incomplete","lost_attempts":0,"input":{"a":1},"added_at":"2026-01-05T09:00:00.004+00:00","outputs":[],"arrived_bytes":1},{"id":"4b3b0989-73f0-4a36-9e7e-537f771be976","ordinal":4,"node_id":"w","status":"Incomplete","lost_attempts":0,"input":{"a":{"k":[1.0,"é\n"]}},"added_at":"2026-01-05T09:00:00.004+00:00","outputs":[],"arrived_bytes":18},{"id":"a7e1c9d7-3b3b-44f7-a7c4-e71b7ab88920","ordinal":5,"node_id":"t","status":"Queued","lost_attempts":0,"input":{"a":1},"added_at":"2026-01-05T09:00:00.018+00:00","queued_at":"2026-01-05T09:00:00.018+00:00","outputs":[],"arrived_bytes":1},{"id":"58865298-8c03-4bbf-969b-4699c5f69924","ordinal":6,"node_id":"t","status":"Queued","lost_attempts":0,"input":{"a":5},"added_at":"2026-01-05T09:00:00.018+00:00","queued_at":"2026-01-05T09:00:00.018+00:00","outputs":[],"arrived_bytes":1},{"id":"9fdc7f06-9b83-4f7f-aa19-ce88276f8abd","ordinal":7,"node_id":"t","status":"Queued","lost_attempts":0,"input":{"a":null},"added_at":"2026-01-05T09:00:00.018+00:00","queued_at":"2026-01-05T09:00:00.018+00:00","outputs":[],"arrived_bytes":4}],"queued_nodes":["p","s","t"],"ready":["a7e1c9d7-3b3b-44f7-a7c4-e71b7ab88920","58865298-8c03-4bbf-969b-4699c5f69924","9fdc7f06-9b83-4f7f-aa19-ce88276f8abd"],"lanes":{"p":["8d98b5f3-2c2f-43f4-bf64-bcd8f42269aa"]},"last_input":{}}
            """,
            Encoding.UTF8.GetString(run.Run.Snapshot()));
    }

    [Fact]
    public void An_event_with_members_that_are_not_known_or_in_another_order_is_read()
    {
        var runEvent = RunEventCodec.Read(
            "node_ended",
            """{"at":"2026-01-05T09:00:00+00:00","future":{"deep":[1,{"x":2}]},"stats":{"llm_call_count":2,"future":[1],"wall_time":1e0},"status":"Failed","error":null,"attempt":4,"node_execution_id":"7d1c3a5e-0000-4000-8000-000000000001"}"""u8,
            null);

        Assert.Equal(
            new RunEvent.NodeEnded(TestRun.Begin, TestRun.Id, 4, ExecutionStatus.Failed, null, 0, OutOfCredits: false, new NodeStats { LlmCallCount = 2, WallTime = 1 }),
            runEvent);
    }

    [Theory]
    [InlineData("node_dispatched", "{\"attempt\":\"x\"}")]
    [InlineData("node_dispatched", "{\"attempt\":1.5}")]
    [InlineData("node_dispatched", "[]")]
    [InlineData("node_dispatched", "null")]
    [InlineData("node_dispatched", "")]
    [InlineData("node_dispatched", "{\"host\":5}")]
    [InlineData("node_dispatched", "{\"at\":\"never\"}")]
    [InlineData("node_dispatched", "{\"node_execution_id\":\"none\"}")]
    [InlineData("run_ended", "{\"status\":\"Ascended\"}")]
    [InlineData("run_ended", "{\"status\":\"Failed\"")]
    public void A_body_that_does_not_fit_is_refused(string kind, string body) =>
        Assert.ThrowsAny<JsonException>(() => RunEventCodec.Read(kind, Encoding.UTF8.GetBytes(body), null));

    internal static TestRun Run()
    {
        var run = new TestRun(
            new GraphBuilder().Node("p", FakeBlocks.Step with { Costs = [new CostRule(3, CostType.Run, JsonValues.EmptyObject)] }).Node("s", FakeBlocks.Step).Node("t", FakeBlocks.Step).Node("w", FakeBlocks.Step)
                .Link("p.out", "s.a").Link("s.out", "t.a").Link("p.out", "w.a").Link("t.out", "w.b", isStatic: true)).Start();
        run.BeginBlock(run.InFlight("p"));
        run.Emit("p", "out=1", """out={"k": [1.0, "é\n"]}""");
        run.BeginBlock(run.InFlight("s", 1), "host-3");
        run.Emit(run.InFlight("s", 1), "out=5", "out=null");
        run.TakeOver("host-2", TestRun.Host, "host-3");
        run.BeginBlock(run.InFlight("p"));
        run.Emit("p", "out=1");
        run.Report(new NodeReport(run.InFlight("p").Id, 2, 1, [], null) { Interrupted = true, Start = run.InFlight("p").Start });
        run.End(run.InFlight("s", 1), new NodeEnd(ExecutionStatus.Completed, null, 3, OutOfCredits: false, new NodeStats { WallTime = 1.5, LlmCallCount = 2 }), "out=5");
        return run;
    }
}
