using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.Tests;

public sealed class DatabaseAddressTests
{
    [Theory]
    [InlineData("postgres://user:secret@host:5432/db")]
    [InlineData("postgresql://user@host/db?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=10&application_name=x")]
    [InlineData("postgres://user:p%40ss%2Fw%23@[::1]:5432/db")]
    [InlineData("postgres://user:secret@/db?host=/run/postgresql")]
    [InlineData("postgres:///db?host=/run/postgresql&user=me")]
    [InlineData("postgres://host")]
    [InlineData("Host=one,two;Username=u;Password='a;b'")]
    [InlineData("Host=/run/postgresql;Username=u;Database=d")]
    [InlineData("Server=h;Port=6432;User Id=u;Pwd=p")]
    public void An_address_of_either_form_is_taken_as_it_is(string text) => Assert.Equal(text, DatabaseAddress.Require("DATABASE_URL", text));

    [Theory]
    [InlineData("garbage", "it has neither form")]
    [InlineData(" ", "it is blank")]
    [InlineData("\t\n", "it is blank")]
    [InlineData("postgres://", "it names no host")]
    [InlineData("postgres:///db", "it names no host")]
    [InlineData("postgres://u@/db", "it names no host")]
    [InlineData("Username=u", "it names no host")]
    [InlineData("mysql://u:secret@h/x", "the scheme 'mysql' is not postgres")]
    [InlineData("POSTGRES://u:secret@h/x", "the scheme 'POSTGRES' is not postgres")]
    [InlineData("jdbc:postgresql://127.0.0.1:1/x", "the scheme 'jdbc' is not postgres")]
    [InlineData("jdbc:postgresql://127.0.0.1:1/x?user=u&password=secret", "the scheme 'jdbc' is not postgres")]
    [InlineData("u:secret@h/x", "the scheme 'u' is not postgres")]
    [InlineData("postgres:/u:secret@h/x", "postgres: is not followed by //")]
    [InlineData("postgresql:u:secret@h/x", "postgresql: is not followed by //")]
    [InlineData("postgres//u:secret@h/x", "postgres is not followed by ://")]
    [InlineData("postgres://u:secret@h:abc/x", "the port 'abc' is not a number from 1 to 65535")]
    [InlineData("postgres://u:secret@h:0/x", "the port '0' is not a number from 1 to 65535")]
    [InlineData("postgres://u:secret@h:65536/x", "the port '65536' is not a number from 1 to 65535")]
    [InlineData("postgres://u:secret@h:-1/x", "the port '-1' is not a number from 1 to 65535")]
    [InlineData("postgres://[::1", "an IPv6 address is written between [ and ]")]
    [InlineData("postgres://u:secret@::1]/x", "an IPv6 address is written between [ and ]")]
    [InlineData("postgres://u@h1,h2/x", "several hosts need Npgsql's form, Host=ONE,OTHER")]
    [InlineData("postgres://u@127.0.0.1:1/db?sslmode=wrong", "the setting 'SSL Mode' cannot have that value")]
    [InlineData("postgres://u@h/db?sslmode", "the setting 'sslmode' has no value")]
    [InlineData("postgres://u@h/db?bogus=1", "the setting 'bogus' is not known")]
    [InlineData("Host=127.0.0.1;Port=abc", "the setting 'port' cannot have that value")]
    [InlineData("Host=127.0.0.1;Port=0", "the setting 'port' cannot have that value")]
    [InlineData("Host=127.0.0.1;Bogus=1", "the setting 'bogus' is not known")]
    [InlineData("Host=h;Multiplexing=true", "the setting 'Multiplexing' cannot be on, because the instance lock needs a session of its own")]
    [InlineData("postgres://u@h/x?schema=", "The schema '' is no name of 1 to 63 bytes")]
    [InlineData("Host=h;Timeout=-1", "the setting 'timeout' cannot have that value")]
    [InlineData("Host=h;Minimum Pool Size=9;Maximum Pool Size=3", "'Max Pool Size'")]
    [InlineData("Host=h;Port=x\nPort=2", "the setting 'port' cannot have that value")]
    // A password with characters that end the part before it would be taken for a host, a port, a setting or a fragment.
    [InlineData("postgres://u:12/secret@h/x", "percent-encoded")]
    [InlineData("postgres://u:12?secret@h/x", "percent-encoded")]
    [InlineData("postgres://u:12#secret@h/x", "percent-encoded")]
    [InlineData("postgres://u:12:sec@secret@h/x", "percent-encoded")]
    [InlineData("Host=h;Password=12;secret=1", "a password with ; or quotes needs quotes around it")]
    [InlineData("Host=h;Password=12;secret", "a password with ; or quotes needs quotes around it")]
    [InlineData("Password=12;secret=1;Host=h", "a password with ; or quotes needs quotes around it")]
    public void An_address_that_is_wrong_is_refused_with_name_value_reason_and_what_is_allowed(string text, string reason)
    {
        var message = Assert.Throws<SettingsException>(() => DatabaseAddress.Require("DATABASE_URL", text)).Message;
        Assert.StartsWith("DATABASE_URL is '", message, StringComparison.Ordinal);
        Assert.Contains("it must be postgres://USER:PASSWORD@HOST:PORT/DATABASE, or Npgsql's form Host=", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("postgres://u:secret@h/x", "postgres://u:***@h/x")]
    [InlineData("postgres://u:a:b@c/d@h/x", "postgres://u:***@h/x")]
    [InlineData("postgres://u@h:5432/x", "postgres://u@h:5432/x")]
    [InlineData("postgres://h/x?password=secret&sslmode=require", "postgres://h/x?password=***&sslmode=require")]
    [InlineData("postgres://h/x?sslpassword=secret", "postgres://h/x?sslpassword=***")]
    [InlineData("Host=h;Password=a;b=c;Database=d", "Host=h;Password=***")]
    [InlineData("Host=h;SSL Password = secret", "Host=h;SSL Password =***")]
    [InlineData("Host=h;\nUsername=u", "Host=h; Username=u")]
    public void A_password_is_not_shown(string text, string shown) => Assert.Equal(shown, DatabaseAddress.Masked(text));
}
