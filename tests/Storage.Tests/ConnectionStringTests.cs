using Npgsql;

namespace Grainflow.Storage.Tests;

public sealed class ConnectionStringTests
{
    [Fact]
    public void A_url_becomes_its_parts()
    {
        var settings = Parse("postgres://me%40here:p%3Ass@db.example:6543/flow%20er?sslmode=verify-full&Timeout=7");
        Assert.Equal(("db.example", 6543, "flow er"), (settings.Host, settings.Port, settings.Database));
        Assert.Equal(("me@here", "p:ss"), (settings.Username, settings.Password));
        Assert.Equal((SslMode.VerifyFull, 7), (settings.SslMode, settings.Timeout));
    }

    [Fact]
    public void A_socket_folder_is_named_by_the_host_parameter()
    {
        var settings = Parse("postgresql:///flow?host=/run/pg&user=me");
        Assert.Equal(("/run/pg", "flow", "me"), (settings.Host, settings.Database, settings.Username));
    }

    [Fact]
    public void A_user_may_stand_before_a_socket_folder()
    {
        var settings = Parse("postgres://me:p%40ss@/flow?host=/run/pg");
        Assert.Equal(("/run/pg", "flow", "me", "p@ss"), (settings.Host, settings.Database, settings.Username, settings.Password));
    }

    [Fact]
    public void An_IPv6_address_loses_its_brackets()
    {
        var settings = Parse("postgres://me@[::1]:6543/flow");
        Assert.Equal(("::1", 6543), (settings.Host, settings.Port));
    }

    [Fact]
    public void The_settings_of_libpq_are_known_by_their_names()
    {
        var settings = Parse("postgres://h/x?connect_timeout=9&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&application_name=a&client_encoding=UTF8&sslpassword=p");
        Assert.Equal((9, "/ca.pem", "/c.pem", "/k.pem"), (settings.Timeout, settings.RootCertificate, settings.SslCertificate, settings.SslKey));
        Assert.Equal(("a", "UTF8", "p"), (settings.ApplicationName, settings.ClientEncoding, settings.SslPassword));
    }

    [Fact]
    public void What_is_not_a_url_stays_as_it_is() => Assert.Equal("Host=/run;Username=me", ConnectionStrings.FromUrl("Host=/run;Username=me"));

    [Fact]
    public void A_broken_url_is_refused() => Assert.Throws<ArgumentException>(() => ConnectionStrings.FromUrl("postgres://host:port/x"));

    [Fact]
    public async Task Sessions_are_named_after_the_process_unless_the_string_names_them()
    {
        await using var plain = ConnectionStrings.CreateDataSource("Host=x");
        await using var named = ConnectionStrings.CreateDataSource("Host=x;Application Name=mine;Max Auto Prepare=0");
        Assert.Equal($"grainflow {Environment.ProcessId}", new NpgsqlConnectionStringBuilder(plain.ConnectionString).ApplicationName);
        Assert.Equal("mine", new NpgsqlConnectionStringBuilder(named.ConnectionString).ApplicationName);
        Assert.Equal(0, new NpgsqlConnectionStringBuilder(named.ConnectionString).MaxAutoPrepare);
    }

    [Fact]
    public async Task Statements_are_prepared_and_sessions_not_reset_unless_the_string_says_otherwise()
    {
        await using var plain = ConnectionStrings.CreateDataSource("Host=x");
        await using var own = ConnectionStrings.CreateDataSource("Host=x;Maximum Pool Size=5;Max Auto Prepare=7;Options=-c work_mem=1MB;No Reset On Close=false");
        var ours = new NpgsqlConnectionStringBuilder(plain.ConnectionString);
        var theirs = new NpgsqlConnectionStringBuilder(own.ConnectionString);
        Assert.Equal((100, null, true), (ours.MaxAutoPrepare, ours.Options, ours.NoResetOnClose));
        Assert.Equal((32, 5), (ours.MaxPoolSize, theirs.MaxPoolSize));
        Assert.Equal((7, "-c work_mem=1MB", false), (theirs.MaxAutoPrepare, theirs.Options, theirs.NoResetOnClose));
    }

    [Fact]
    public async Task Nothing_is_left_in_the_sessions_of_a_pooler()
    {
        await using var pooled = ConnectionStrings.CreateDataSource("Host=x;Search Path=s", isPooled: true, loggerFactory: null);
        await using var own = ConnectionStrings.CreateDataSource("Host=x;Max Auto Prepare=7", isPooled: true, loggerFactory: null);
        var ours = new NpgsqlConnectionStringBuilder(pooled.ConnectionString);
        Assert.Equal((0, null), (ours.MaxAutoPrepare, ours.SearchPath));
        Assert.Equal(7, new NpgsqlConnectionStringBuilder(own.ConnectionString).MaxAutoPrepare);
    }

    private static NpgsqlConnectionStringBuilder Parse(string text) => new(ConnectionStrings.FromUrl(text));
}
