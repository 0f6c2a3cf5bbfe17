using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grainflow.Storage.Credentials;

namespace Grainflow.Storage.Tests.Credentials;

public sealed class EnvelopeTests
{
    private static readonly KeyRing Ring = new(EncryptionKey.Create());

    private readonly byte[] _sealedKey = Envelope.CreateDataKey("user", Ring);

    private byte[] DataKey => Envelope.OpenDataKey(_sealedKey, "user", Ring);

    [Fact]
    public void Whatever_is_sealed_is_opened_again_with_the_same_binding() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<string?>(), (plain, place) =>
        {
            var bound = Envelope.Bound(place);
            var box = Envelope.Seal(DataKey, plain, bound);
            Assert.Equal(plain, Envelope.Open(DataKey, box, bound));
            Assert.NotEqual(box, Envelope.Seal(DataKey, plain, bound));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void One_changed_bit_anywhere_is_noticed() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonEmptyString>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (plain, place) =>
        {
            var box = Envelope.Seal(DataKey, Encoding.UTF8.GetBytes(plain.Get), Envelope.Bound("a"));
            var bit = place.Get % (box.Length * 8);
            box[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<UnreadableSecretException>(() => Envelope.Open(DataKey, box, Envelope.Bound("a")));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_secret_opens_in_no_other_place() => Prop.ForAll(
        ArbMap.Default.ArbFor<string?[]>(), ArbMap.Default.ArbFor<string?[]>(), (first, second) =>
        {
            var box = Envelope.Seal(DataKey, [1, 2, 3], Envelope.Bound(first));
            if (first.SequenceEqual(second)) return;
            Assert.NotEqual(Envelope.Bound(first), Envelope.Bound(second));
            Assert.Throws<UnreadableSecretException>(() => Envelope.Open(DataKey, box, Envelope.Bound(second)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_secret_that_is_cut_short_is_noticed()
    {
        var box = Envelope.Seal(DataKey, [1, 2, 3], []);
        for (var length = 0; length < box.Length; length++)
            Assert.Throws<UnreadableSecretException>(() => Envelope.Open(DataKey, box.AsSpan(0, length), []));
        for (var length = 0; length < _sealedKey.Length; length++)
            Assert.Throws<UnreadableSecretException>(() => Envelope.OpenDataKey(_sealedKey.AsSpan(0, length), "user", Ring));
    }

    [Fact]
    public void A_data_key_belongs_to_its_user() =>
        Assert.Contains("belongs to another place", Assert.Throws<UnreadableSecretException>(() => Envelope.OpenDataKey(_sealedKey, "other", Ring)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_data_key_names_the_key_it_is_sealed_by_and_without_that_key_the_error_names_the_cure()
    {
        Assert.Equal(Ring.Current.Name, Envelope.KeyName(_sealedKey));
        var error = Assert.Throws<UnreadableSecretException>(() => Envelope.OpenDataKey(_sealedKey, "user", new KeyRing(EncryptionKey.Create())));
        Assert.Contains($"key {Ring.Current.Name}, which is not among the settings. Add that key to ENCRYPTION_KEY_OLD", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resealing_keeps_the_data_key_and_is_done_once()
    {
        var newer = EncryptionKey.Create();
        var both = new KeyRing(newer, Ring.Current);

        var resealed = Envelope.Reseal(_sealedKey, "user", both);

        Assert.Equal(newer.Name, Envelope.KeyName(resealed!));
        Assert.Equal(DataKey, Envelope.OpenDataKey(resealed!, "user", new KeyRing(newer)));
        Assert.Null(Envelope.Reseal(resealed!, "user", both));
    }

    [Fact]
    public void A_key_is_read_in_both_alphabets_with_and_without_padding() => Prop.ForAll(
        Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), EncryptionKey.Length).ToArbitrary(), bytes =>
        {
            var text = Convert.ToBase64String(bytes);
            var url = text.Replace('+', '-').Replace('/', '_');
            Assert.Single(new[] { text, url, text.TrimEnd('='), url.TrimEnd('='), $" {text}\n" }.Select(written => EncryptionKey.Parse(written).Name).Distinct());
            Assert.Equal(text, EncryptionKey.Parse(url).Export());
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA!AAAAAAAAAAAAAAAAAAAAA=")]
    public void What_is_not_a_key_is_refused_without_showing_it(string text)
    {
        var error = Assert.Throws<FormatException>(() => EncryptionKey.Parse(text));
        Assert.Contains("32 bytes in base64", error.Message, StringComparison.Ordinal);
        if (text.Length > 0) Assert.DoesNotContain(text, error.Message, StringComparison.Ordinal);
    }
}
