using Grainflow.Engine.Files;

namespace Grainflow.Engine.Tests.Files;

public sealed class FileTests
{
    private static readonly Guid Upload = new("0a1b2c3d-0000-4000-8000-000000000001");

    [Theory]
    [InlineData("report.csv", "report.csv")]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData("/a/b/", "a_b")]
    [InlineData("..", "_")]
    [InlineData("a\0b\u0085c", "a_b_c")]
    [InlineData("Übersicht 🙂.pdf", "Übersicht 🙂.pdf")]
    [InlineData("a<b>c:d\"e|f?g*h\\i", "a_b_c_d_e_f_g_h_i")]
    [InlineData("", "")]
    public void A_name_is_cleaned_of_what_leads_out_of_a_folder_or_cannot_be_stored(string name, string cleaned) => Assert.Equal(cleaned, FileNames.Clean(name));

    [Fact]
    public void A_name_is_cut_to_200_characters_and_holds_no_half_of_one()
    {
        Assert.Equal(string.Concat(Enumerable.Repeat("🙂", 200)), FileNames.Clean(string.Concat(Enumerable.Repeat("🙂", 300))));
        Assert.Equal("_a", FileNames.Clean(new string('\ud800', 1) + "a"));
    }

    [Theory]
    [InlineData("data.csv", "data-0a1b2c3d.csv")]
    [InlineData("archive.tar.gz", "archive.tar-0a1b2c3d.gz")]
    [InlineData("plain", "plain-0a1b2c3d")]
    [InlineData(".hidden", ".hidden-0a1b2c3d")]
    public void Files_of_one_name_are_told_apart_by_where_they_come_from(string name, string expected) => Assert.Equal(expected, FileNames.Distinguish(name, Upload));

    [Fact]
    public void A_name_that_was_told_apart_is_not_too_long()
    {
        var name = FileNames.Distinguish(FileNames.Clean(string.Concat(Enumerable.Repeat("🙂", 196)) + ".csv"), Upload);
        Assert.Equal(FileNames.MaxLength, name.EnumerateRunes().Count());
        Assert.EndsWith("-0a1b2c3d.csv", name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3e53486c-cf57-477e-ba2a-cb02dc828e1a", "a b#1?.csv")]
    [InlineData("auth0|with/slash", "x")]
    public void A_reference_is_read_as_it_was_written(string user, string name)
    {
        var reference = new UploadReference(user, Upload, name);
        Assert.True(UploadReference.IsReference(reference.ToString()));
        Assert.True(UploadReference.TryParse(reference.ToString(), out var read, out _));
        Assert.Equal(reference, read);
    }

    [Theory]
    [InlineData("gcs://other/uploads/users/u/0a1b2c3d-0000-4000-8000-000000000001/x", "not in the store of this platform")]
    [InlineData("gcs://grainflow", "not in the store of this platform")]
    [InlineData("gcs://grainflow/uploads/users/u/../0a1b2c3d-0000-4000-8000-000000000001/x", "'..'")]
    [InlineData("gcs://grainflow//uploads/users/u/0a1b2c3d-0000-4000-8000-000000000001/x", "an empty part")]
    [InlineData("gcs://grainflow/uploads/users/u/0a1b2c3d-0000-4000-8000-000000000001/x/y", "is no upload")]
    [InlineData("gcs://grainflow/uploads/users/u/1/x", "is no upload")]
    [InlineData("gcs://grainflow/uploads/system/x", "is no upload")]
    [InlineData("gcs://grainflow/secrets/x", "is no upload")]
    public void Any_other_address_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(UploadReference.TryParse(text, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}
