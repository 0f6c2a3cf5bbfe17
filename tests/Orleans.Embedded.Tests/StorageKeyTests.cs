using System.Text;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Tests;

public sealed class StorageKeyTests
{
    // Published test values of XXH32 with seed 0.
    [Theory]
    [InlineData("", 0x02CC5D05u)]
    [InlineData("a", 0x550D7456u)]
    [InlineData("abc", 0x32D153FFu)]
    [InlineData("Nobody inspects the spammish repetition", 0xE2293B2Fu)]
    public void The_hash_of_a_text_is_the_published_one(string text, uint expected) =>
        Assert.Equal(expected, StableHash.Compute(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_text_is_stored_as_the_extension()
    {
        var key = AdoNetGrainKey.Of(GrainId.Create("any", "user/credential"));

        Assert.Equal((0L, 0L, "user/credential"), (key.N0, key.N1, key.Extension));
    }

    [Fact]
    public void A_Guid_is_stored_as_two_numbers()
    {
        var guid = new Guid(0x04030201, 0x0605, 0x0807, 9, 10, 11, 12, 13, 14, 15, 16);

        var key = AdoNetGrainKey.Of(new GrainId(GrainType.Create("any"), GrainKeys.FromGuid(guid)));

        Assert.Equal((0x0807060504030201L, 0x100F0E0D0C0B0A09L, null), (key.N0, key.N1, key.Extension));
    }

    [Fact]
    public void A_Guid_with_dashes_is_a_text()
    {
        var text = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11).ToString("D");

        Assert.Equal((0L, 0L, text), (AdoNetGrainKey.Of(GrainId.Create("any", text)).N0, AdoNetGrainKey.Of(GrainId.Create("any", text)).N1, AdoNetGrainKey.Of(GrainId.Create("any", text)).Extension));
    }

    [Theory]
    [InlineData("2A", 42L, null)]
    [InlineData("FFFFFFFFFFFFFFFF", -1L, null)]
    [InlineData("2A+more", 42L, "more")]
    public void A_text_that_looks_like_an_integer_key_is_stored_as_one(string text, long number, string? extension)
    {
        var key = AdoNetGrainKey.Of(GrainId.Create("any", text));

        Assert.Equal((0L, number, extension), (key.N0, key.N1, key.Extension));
    }

    [Fact]
    public void A_text_with_more_than_sixteen_digits_is_a_text() =>
        Assert.Equal("10000000000000000", AdoNetGrainKey.Of(GrainId.Create("any", "10000000000000000")).Extension);
}
