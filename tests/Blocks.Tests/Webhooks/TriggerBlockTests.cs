using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Webhooks;

public sealed class TriggerBlockTests
{
    private const string Issue = """{"number": 7, "html_url": "https://github.com/o/r/issues/7", "title": "t", "body": null, "labels": [{"name": "bug"}], "assignees": [], "state": "open"}""";

    [Fact]
    public async Task An_event_of_an_issue_gives_the_payload_and_what_triggers_need_of_it()
    {
        var payload = $$"""{"action": "opened", "sender": {"login": "octocat"}, "issue": {{Issue}}}""";

        var outputs = await BlockResults.RunAsync("GithubIssuesTriggerBlock", $$$"""{"credentials": {{{Credentials("github")}}}, "repo": "o/r", "events": {"opened": true}, "payload": {{{payload}}}}""");

        Assert.StartsWith("payload={", outputs[0], StringComparison.Ordinal);
        Assert.Equal("""triggered_by_user={"login":"octocat"}""", outputs[1]);
        Assert.Equal(
            ["event=\"opened\"", "number=7", "issue_url=\"https://github.com/o/r/issues/7\"", "issue_title=\"t\"", "issue_body=\"\"", """labels=[{"name":"bug"}]""", "assignees=[]", "state=\"open\""],
            outputs.Skip(2).Where(output => !output.StartsWith("issue=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_event_of_a_pull_request_gives_its_number_and_address()
    {
        var outputs = await BlockResults.RunAsync(
            "GithubPullRequestTriggerBlock",
            $$$$"""{"credentials": {{{{Credentials("github")}}}}, "repo": "o/r", "events": {"opened": true}, "payload": {"action": "opened", "number": 3, "sender": {}, "pull_request": {"html_url": "u"}}}""");

        Assert.Equal(["event=\"opened\"", "number=3", """pull_request={"html_url":"u"}""", "pull_request_url=\"u\""], outputs.Skip(2));
    }

    [Theory]
    [InlineData("{}", "sender")]
    [InlineData("""{"sender": {}, "action": "opened"}""", "issue")]
    public async Task Without_the_payload_of_a_delivery_the_error_names_what_is_missing(string payload, string missing)
    {
        var outputs = await BlockResults.RunAsync("GithubIssuesTriggerBlock", $$$"""{"credentials": {{{Credentials("github")}}}, "repo": "o/r", "events": {"opened": true}, "payload": {{{payload}}}}""");

        Assert.Contains($"The payload has no {missing} of kind object. The block runs with the payload of a delivery of its webhook.", outputs[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_order_at_slant3d_gives_its_state_and_tracking_number()
    {
        var outputs = await BlockResults.RunAsync(
            "Slant3DOrderWebhookBlock",
            $$$"""{"credentials": {{{Credentials("slant3d")}}}, "payload": {"orderId": "1", "status": "SHIPPED", "trackingNumber": "2", "carrierCode": "usps"}}""");

        Assert.Equal(["order_id=\"1\"", "status=\"SHIPPED\"", "tracking_number=\"2\"", "carrier_code=\"usps\""], outputs.Skip(1));
    }

    private static string Credentials(string provider) => $$"""{"id": "c", "provider": "{{provider}}", "type": "api_key"}""";
}
