using System.Net.Sockets;
using System.Security.Authentication;
using Grainflow.Silo.Hosting;
using Npgsql;

namespace Grainflow.Silo.Tests;

public sealed class DatabaseProblemTests
{
    [Theory]
    [InlineData("28P01", "check user and password of DATABASE_URL")]
    [InlineData("28000", "check user and password of DATABASE_URL")]
    [InlineData("3D000", "make it first")]
    [InlineData("42501", "needs the right to create tables")]
    [InlineData("25006", "must name the primary")]
    [InlineData("53300", "raise max_connections")]
    [InlineData("57P03", "try again")]
    [InlineData("XX000", "It says no")]
    public void A_refusal_of_the_server_is_one_line_with_the_cure(string sqlState, string cure)
    {
        var line = DatabaseProblem.Find(new PostgresException("It says\nno.", "FATAL", "FATAL", sqlState), "DATABASE_URL");
        Assert.StartsWith("It says no", line, StringComparison.Ordinal);
        Assert.Contains(cure, line, StringComparison.Ordinal);
    }

    public static TheoryData<Exception, string> OnTheWay => new()
    {
        { new NpgsqlException("Failed to connect to 127.0.0.1:1", new SocketException((int)SocketError.ConnectionRefused)), "Failed to connect to 127.0.0.1:1: Connection refused; check host and port of DATABASE_URL" },
        { new NpgsqlException("x", new SocketException((int)SocketError.HostNotFound)), "its host name is not known; check the host of DATABASE_URL" },
        { new NpgsqlException("x", new TimeoutException()), "it does not answer in time; check host, port and firewall of DATABASE_URL" },
        { new NpgsqlException("x", new AuthenticationException("The remote certificate is invalid.")), "its TLS connection is not accepted (The remote certificate is invalid); check sslmode and certificates of DATABASE_URL" },
        { new NpgsqlException("Exception while reading", new EndOfStreamException("The end.")), "Exception while reading: The end" },
        { new NpgsqlException("No password has been provided."), "No password has been provided" },
    };

    [Theory]
    [MemberData(nameof(OnTheWay))]
    public void An_error_on_the_way_to_the_server_is_one_line(Exception error, string line) => Assert.Equal(line, DatabaseProblem.Find(error, "DATABASE_URL"));

    [Fact]
    public void An_error_that_another_one_wraps_is_found_and_the_cure_names_the_setting() =>
        Assert.Equal(
            "Failed to connect: Connection refused; check host and port of DIRECT_URL",
            DatabaseProblem.Find(new AggregateException(new InvalidOperationException("outer", new NpgsqlException("Failed to connect", new SocketException((int)SocketError.ConnectionRefused)))), "DIRECT_URL"));

    [Fact]
    public void Another_error_is_not_said_of_the_database() => Assert.Null(DatabaseProblem.Find(new InvalidOperationException("x"), "DATABASE_URL"));
}
