using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grainflow.Storage.Tests.Credentials;

public sealed class CredentialStoreTests : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly HashSet<string> None = [];

    private readonly DatabaseFixture _fixture;
    private readonly CredentialStore _store;
    private readonly CredentialLeaseStore _leases;
    private readonly EncryptionKey _key = EncryptionKey.Create();
    private readonly CredentialSealer _sealer;
    private readonly string _user;

    public CredentialStoreTests(DatabaseFixture fixture)
    {
        _fixture = fixture;
        _store = new CredentialStore(fixture.Source);
        _leases = new CredentialLeaseStore(fixture.Source);
        _sealer = new CredentialSealer(_store, Keys(_key));
        _user = fixture.NextUser();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_credential_is_read_as_it_was_stored_and_the_list_has_no_secrets()
    {
        var row = Row("a") with
        {
            Type = "oauth2",
            Title = "t",
            Username = "octocat",
            Scopes = ["repo", "user"],
            ExpiresAt = 5,
            RefreshExpiresAt = 6,
            Metadata = """{"a": 1}""",
        };
        Assert.True(await AddAsync(row, new CredentialSecrets { Secret = "access", RefreshToken = "refresh" }));
        Assert.False(await AddAsync(row, new CredentialSecrets { Secret = "other" }));
        await AddAsync(Row("b") with { Type = "host_scoped", Host = "*.example.com", HeaderNames = ["X-Key"] }, new CredentialSecrets { Headers = new Dictionary<string, string> { ["X-Key"] = "v" } });

        var stored = await _store.FindAsync(_user, "a", Token);

        Assert.Equivalent(row, stored!.Row, strict: true);
        Assert.Equal(("access", "refresh"), (_sealer.Open(stored).Secret, _sealer.Open(stored).RefreshToken));
        Assert.Equal(["a", "b"], (await _store.ListAsync(_user, Token)).Select(credential => credential.Id));
        Assert.Equal("v", _sealer.Open((await _store.FindAsync(_user, "b", Token))!).Headers!["X-Key"]);
        Assert.Null(await _store.FindAsync(_fixture.NextUser(), "a", Token));
    }

    [Theory]
    [InlineData("UPDATE credentials SET id = 'moved' WHERE user_id = $1", "moved")]
    [InlineData("UPDATE credentials SET host = 'evil.example.com' WHERE user_id = $1", "a")]
    [InlineData("UPDATE credentials SET provider = 'http' WHERE user_id = $1", "a")]
    [InlineData("UPDATE credentials SET type = 'host_scoped' WHERE user_id = $1", "a")]
    [InlineData("UPDATE credentials SET version = 7 WHERE user_id = $1", "a")]
    [InlineData("UPDATE credentials SET metadata = '{\"base_url\": \"https://evil.example.com\"}' WHERE user_id = $1", "a")]
    [InlineData("UPDATE credentials SET sealed = substring(sealed FROM 1 FOR 20) WHERE user_id = $1", "a")]
    [InlineData("DELETE FROM user_data_keys WHERE user_id = $1", "a")]
    public async Task A_secret_that_was_moved_or_damaged_in_the_database_is_an_error(string change, string id)
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        await _fixture.Source.ExecuteAsync(change, [_user], Token);
        var stored = await _store.FindAsync(_user, id, Token);
        Assert.NotNull((await _leases.AcquireAsync(Access(id), "silo", Token)).Credential);
        Assert.Contains("nothing was changed", Assert.Throws<UnreadableSecretException>(() => _sealer.Open(stored!)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"base_url": "https://own.example.com/v1", "note": "new"}""", true)]
    [InlineData("""{"base_url": "https://evil.example.com/v1"}""", false)]
    [InlineData("{}", false)]
    public async Task The_address_of_a_model_server_cannot_be_changed_in_the_database(string metadata, bool isRead)
    {
        await AddAsync(Row("a") with { Metadata = """{"base_url": "https://own.example.com/v1"}""" }, new CredentialSecrets { Secret = "s" });
        await _fixture.Source.ExecuteAsync("UPDATE credentials SET metadata = $2::json WHERE user_id = $1", [_user, metadata], Token);

        var stored = await _store.FindAsync(_user, "a", Token);

        if (isRead) Assert.Equal("s", _sealer.Open(stored!).Secret);
        else Assert.Throws<UnreadableSecretException>(() => _sealer.Open(stored!));
    }

    [Fact]
    public async Task Without_the_key_nothing_is_read_and_nothing_is_overwritten()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var other = new CredentialSealer(_store, Keys(EncryptionKey.Create()));
        var before = await DumpAsync();

        var stored = await _store.FindAsync(_user, "a", Token);
        Assert.Throws<UnreadableSecretException>(() => other.Open(stored!));
        await Assert.ThrowsAsync<UnreadableSecretException>(() => other.SealAsync(Row("b"), new CredentialSecrets { Secret = "t" }, Token));

        Assert.Equal(before, await DumpAsync());
    }

    [Fact]
    public async Task Fifty_first_credentials_of_a_user_at_once_share_one_data_key()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(number => AddAsync(Row($"c{number}"), new CredentialSecrets { Secret = $"s{number}" })));
        for (var number = 0; number < 50; number++)
            Assert.Equal($"s{number}", _sealer.Open((await _store.FindAsync(_user, $"c{number}", Token))!).Secret);
    }

    [Fact]
    public async Task A_rotation_reseals_every_data_key_and_goes_on_where_a_crash_left_it()
    {
        // A database of its own, because all data keys are resealed.
        await using var fixture = new DatabaseFixture();
        await fixture.InitializeAsync();
        var store = new CredentialStore(fixture.Source);
        var sealer = new CredentialSealer(store, Keys(_key));
        for (var number = 0; number < KeyRotation.PageSize + 3; number++) await store.AddDataKeyAsync($"user{number:D4}", Envelope.CreateDataKey($"user{number:D4}", new KeyRing(_key)), Token);
        var row = Row("a") with { UserId = "user0001" };
        await store.InsertAsync(row, await sealer.SealAsync(row, new CredentialSecrets { Secret = "s" }, Token), Token);
        await store.AddDataKeyAsync("zz", Envelope.CreateDataKey("zz", new KeyRing(EncryptionKey.Create())), Token);
        var newer = EncryptionKey.Create();
        var rotation = new KeyRotation(store, Keys(newer, _key));
        using var crash = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rotation.RunAsync(_ => crash.Cancel(), crash.Token));
        var result = await rotation.RunAsync(_ => { }, Token);

        Assert.Equal((newer.Name, 3, KeyRotation.PageSize), (result.Key, result.Resealed, result.Current));
        Assert.StartsWith("User zz: ", Assert.Single(result.Failed), StringComparison.Ordinal);
        Assert.Equal("s", new CredentialSealer(store, Keys(newer)).Open((await store.FindAsync("user0001", "a", Token))!).Secret);
    }

    [Fact]
    public async Task Of_two_changes_of_one_version_one_is_refused()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var next = Row("a") with { Version = 2, UpdatedAt = Now };

        var verdicts = await Task.WhenAll(Enumerable.Range(0, 10).Select(async number =>
            await _store.UpdateAsync(next, await _sealer.SealAsync(next, new CredentialSecrets { Secret = $"s{number}" }, Token), None, Token)));

        Assert.Single(verdicts, CredentialWrite.Done);
        Assert.Equal(9, verdicts.Count(verdict => verdict == CredentialWrite.Conflict));
        Assert.Equal(CredentialWrite.NotFound, await _store.UpdateAsync(next with { Id = "none" }, new byte[1], None, Token));
    }

    [Fact]
    public async Task A_lease_is_granted_with_the_secret_a_growing_number_and_a_row_of_the_access()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var (run, node) = (Guid.NewGuid(), Guid.NewGuid());

        var first = await _leases.AcquireAsync(Access("a") with { RunId = run, NodeExecutionId = node }, "silo", Token);
        var second = await _leases.AcquireAsync(Access("a"), "silo", Token);

        Assert.Equal("s", _sealer.Open(first.Credential!).Secret);
        Assert.True(second.Fence > first.Fence && first.Fence > 0);
        Assert.Equal(
            [$"openai block {run} {node} {first.Fence} true ", $"openai block   {second.Fence} true "],
            await AccessesAsync());
    }

    [Fact]
    public async Task An_access_to_what_is_not_there_or_not_usable_is_recorded_as_refused()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var missing = await _leases.AcquireAsync(Access("none"), "silo", Token);
        var unusable = await _leases.AcquireAsync(Access("a"), "silo", Token);
        await _leases.RefuseAsync(unusable, "expired", Token);
        await _leases.RecordAsync([Access("x") with { Provider = "groq" }, Access("y") with { Reason = "why" }], Token);

        Assert.Null(missing.Credential);
        Assert.False(missing.IsClosing);
        Assert.Equal([" block    false There is no such credential.", "openai block    false expired", "groq block    true ", " block    false why"], await AccessesAsync());
        Assert.Empty(await _store.HoldersAsync(_user, "a", Token));
    }

    [Fact]
    public async Task A_change_and_a_deletion_are_refused_while_a_lease_is_held_and_dead_silos_hold_none()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var lease = await _leases.AcquireAsync(Access("a"), "silo", Token);
        await _leases.AcquireAsync(Access("a"), "dead", Token);
        var next = Row("a") with { Version = 2, UpdatedAt = Now };
        var secret = await _sealer.SealAsync(next, new CredentialSecrets { Secret = "t" }, Token);
        HashSet<string> gone = ["dead"];

        Assert.Equal(["silo", "dead"], await _store.HoldersAsync(_user, "a", Token));
        Assert.Equal(CredentialWrite.Held, await _store.UpdateAsync(next, secret, gone, Token));
        Assert.Equal(CredentialWrite.Held, await _store.DeleteAsync(_user, "a", gone, Token));
        await _leases.ReleaseAsync([lease.Fence], Token);
        Assert.Equal(CredentialWrite.Held, await _store.UpdateAsync(next, secret, None, Token));
        Assert.Equal(CredentialWrite.Done, await _store.UpdateAsync(next, secret, gone, Token));
        Assert.Equal(CredentialWrite.Done, await _store.DeleteAsync(_user, "a", None, Token));
        Assert.Equal(CredentialWrite.NotFound, await _store.DeleteAsync(_user, "a", None, Token));
    }

    [Fact]
    public async Task A_forced_deletion_takes_the_leases_away_which_the_next_renewal_tells()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        await AddAsync(Row("b"), new CredentialSecrets { Secret = "s" });
        var (lost, kept) = (await _leases.AcquireAsync(Access("a"), "silo", Token), await _leases.AcquireAsync(Access("b"), "silo", Token));

        Assert.Equal(CredentialWrite.Done, await _store.DeleteAsync(_user, "a", gone: null, Token));

        Assert.Equal([kept.Fence], await _leases.RenewAsync("silo", [lost.Fence, kept.Fence], Now, Token));
        Assert.Empty(await _leases.RenewAsync("other", [kept.Fence], Now, Token));
    }

    [Fact]
    public async Task While_a_change_waits_no_lease_is_granted_until_its_time_is_over()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        await _store.CloseAsync(_user, "a", Now.AddSeconds(5), Token);

        Assert.True((await _leases.AcquireAsync(Access("a") with { At = Now.AddSeconds(4) }, "silo", Token)).IsClosing);
        Assert.Empty(await AccessesAsync());
        Assert.False((await _leases.AcquireAsync(Access("a") with { At = Now.AddSeconds(5) }, "silo", Token)).IsClosing);
        await _store.CloseAsync(_user, "a", null, Token);
        Assert.False((await _leases.AcquireAsync(Access("a"), "silo", Token)).IsClosing);
    }

    [Fact]
    public async Task A_lease_and_a_deletion_at_once_never_both_succeed()
    {
        for (var round = 0; round < 30; round++)
        {
            await AddAsync(Row($"r{round}"), new CredentialSecrets { Secret = "s" });
            var acquiring = Enumerable.Range(0, 4).Select(_ => _leases.AcquireAsync(Access($"r{round}"), "silo", Token)).ToList();
            var deleted = await _store.DeleteAsync(_user, $"r{round}", None, Token);
            var granted = (await Task.WhenAll(acquiring)).Count(lease => lease.Fence > 0);
            Assert.True(deleted == CredentialWrite.Held || (await _store.HoldersAsync(_user, $"r{round}", Token)).Count == 0, $"round {round}: {deleted}, {granted} granted");
            Assert.Equal(deleted == CredentialWrite.Held, await _store.FindAsync(_user, $"r{round}", Token) is not null);
        }
    }

    [Fact]
    public async Task Leases_whose_grant_was_not_answered_are_removed_by_their_silo()
    {
        var silo = _fixture.NextUser();
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var known = await _leases.AcquireAsync(Access("a"), silo, Token);
        await _leases.AcquireAsync(Access("a"), silo, Token);
        await _leases.AcquireAsync(Access("a") with { At = Now.AddMinutes(2) }, silo, Token);

        Assert.Equal(1, await _leases.RemoveUnknownAsync(silo, [known.Fence], Now.AddMinutes(1), Token));
    }

    [Fact]
    public async Task One_caller_claims_a_refresh_and_only_the_claim_stores_its_result()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var row = (await _store.FindAsync(_user, "a", Token))!.Row;
        var claims = Enumerable.Range(0, 20).Select(number => new RefreshClaim(Guid.NewGuid(), $"silo{number}", Now)).ToList();

        var won = await Task.WhenAll(claims.Select(claim => _store.ClaimRefreshAsync(row, claim, Now.AddMinutes(-2), None, Token)));

        var winner = claims[Array.IndexOf(won, true)];
        Assert.Single(won, true);
        Assert.Equal(winner.Silo, (await _store.FindAsync(_user, "a", Token))!.RefreshSilo);
        var next = row with { Version = 2, UpdatedAt = Now.AddSeconds(1), ExpiresAt = 9 };
        var secret = await _sealer.SealAsync(next, new CredentialSecrets { Secret = "t" }, Token);
        Assert.False(await _store.StoreRefreshedAsync(next, secret, claims.First(claim => claim != winner), Token));
        Assert.True(await _store.StoreRefreshedAsync(next, secret, winner, Token));
        Assert.False(await _store.StoreRefreshedAsync(next, secret, winner, Token));
        var stored = (await _store.FindAsync(_user, "a", Token))!;
        Assert.Equal(("t", 2, 9L, null), (_sealer.Open(stored).Secret, stored.Row.Version, stored.Row.ExpiresAt, stored.RefreshSilo));
        Assert.False(await _store.ClaimRefreshAsync(row, winner, Now.AddMinutes(-2), None, Token));
    }

    [Fact]
    public async Task The_claim_of_a_dead_silo_an_old_one_and_an_abandoned_one_are_free()
    {
        await AddAsync(Row("a"), new CredentialSecrets { Secret = "s" });
        var row = Row("a");
        RefreshClaim Claim(string silo, int minute) => new(Guid.NewGuid(), silo, Now.AddMinutes(minute));
        var (dead, alive, last) = (Claim("dead", 0), Claim("alive", 1), Claim("last", 2));

        Assert.True(await _store.ClaimRefreshAsync(row, dead, Now, None, Token));
        Assert.False(await _store.ClaimRefreshAsync(row, alive, Now, None, Token));
        Assert.True(await _store.ClaimRefreshAsync(row, alive, Now, new HashSet<string> { "dead" }, Token));
        Assert.True(await _store.ClaimRefreshAsync(row, last, Now.AddMinutes(2), None, Token));
        await _store.AbandonRefreshAsync(_user, "a", alive, Token);
        Assert.False(await _store.ClaimRefreshAsync(row, alive, Now, None, Token));
        await _store.AbandonRefreshAsync(_user, "a", last, Token);
        Assert.True(await _store.ClaimRefreshAsync(row, alive, Now, None, Token));
    }

    [Fact]
    public async Task A_login_is_taken_once_by_its_user_and_expired_ones_are_deleted()
    {
        var states = new OAuthStateStore(_fixture.Source);
        OAuthStateRow State(byte number, DateTimeOffset until) => new() { UserId = _user, Hash = [number], Provider = "github", Scopes = ["a"], CredentialId = "c", ExpiresAt = until };
        foreach (var (state, at) in new[] { (State(1, Now), Now.AddDays(-1)), (State(2, Now.AddMinutes(10)), Now.AddMinutes(1)), (State(3, Now.AddMinutes(11)), Now.AddMinutes(1)) })
            await states.AddAsync(state, await _sealer.SealLoginAsync(state, "verifier", Token), at, Token);

        Assert.Null(await states.TakeAsync(_user, [1], isExternal: false, Token));
        Assert.Null(await states.TakeAsync(_fixture.NextUser(), [2], isExternal: false, Token));
        var taken = (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => states.TakeAsync(_user, [2], isExternal: false, Token)))).OfType<StoredOAuthState>().ToList();
        Assert.Equal("verifier", _sealer.OpenLogin(Assert.Single(taken)));
        Assert.Equivalent(State(2, Now.AddMinutes(10)), taken[0].State, strict: true);
        Assert.Equal(1, await states.DeleteExpiredAsync(Now.AddMinutes(12), 10, Token));
    }

    [Fact]
    public async Task Old_rows_of_accesses_are_deleted_in_portions()
    {
        // Earlier than the rows of all other tests.
        await _leases.RecordAsync([.. Enumerable.Range(0, 5).Select(day => Access("x") with { At = new DateTimeOffset(2020, 1, 1 + day, 0, 0, 0, TimeSpan.Zero) })], Token);
        var before = new DateTimeOffset(2020, 1, 5, 0, 0, 0, TimeSpan.Zero);
        var deleted = new List<int>();
        while (deleted.LastOrDefault(-1) != 0) deleted.Add(await _leases.DeleteAccessesAsync(before, 3, Token));
        Assert.Equal([3, 1, 0], deleted);
    }

    private static EncryptionKeys Keys(EncryptionKey current, params IEnumerable<EncryptionKey> older) => new(
        Options.Create(new EncryptionOptions { Key = current.Export(), OlderKeys = string.Join(",", older.Select(key => key.Export())) }), NullLogger<EncryptionKeys>.Instance);

    private CredentialRow Row(string id) => new() { UserId = _user, Id = id, Provider = "openai", Type = "api_key", CreatedAt = Now, UpdatedAt = Now };

    private CredentialAccess Access(string id) => new() { At = Now, UserId = _user, CredentialId = id, Purpose = "block" };

    private async Task<bool> AddAsync(CredentialRow row, CredentialSecrets secrets) => await _store.InsertAsync(row, await _sealer.SealAsync(row, secrets, Token), Token);

    private Task<List<string>> AccessesAsync() => _fixture.Source.ListAsync(
        "SELECT concat_ws(' ', coalesce(provider, ''), purpose, coalesce(run_id::text, ''), coalesce(node_execution_id::text, ''), coalesce(fence::text, ''), granted, coalesce(reason, '')) FROM credential_accesses WHERE user_id = $1 ORDER BY id",
        [_user], row => row.GetString(0).Replace(" t ", " true ", StringComparison.Ordinal).Replace(" f ", " false ", StringComparison.Ordinal), Token);

    private async Task<string> DumpAsync() => string.Join('\n', await _fixture.Source.ListAsync(
        "SELECT c::text || k::text FROM credentials AS c JOIN user_data_keys AS k USING (user_id) WHERE user_id = $1", [_user], row => row.GetString(0), Token));
}
